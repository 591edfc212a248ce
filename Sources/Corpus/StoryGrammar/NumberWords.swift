/// Numbers from 0 to 999 in words: `forty-two`, `one hundred and five`.
enum NumberWords {
    private static let small = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
        "nineteen",
    ]
    private static let tens = [
        "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ]

    /// The words of every number, in order.
    private static let all: [[UInt8]] = (0...StoryLimits.maximumNumber).map {
        Array(words($0).utf8)
    }

    /// Writes a number in words.
    /// - Precondition: `number` lies in 0...999.
    static func write(_ number: Int, with pen: inout Pen, to output: inout [UInt8]) {
        let words = all[number]
        pen.write(words, Span(start: 0, count: words.count), to: &output)
    }

    private static func words(_ number: Int) -> String {
        if number < 20 { return small[number] }
        let (leading, rest) = number.quotientAndRemainder(dividingBy: number < 100 ? 10 : 100)
        if number < 100 { return tens[leading - 2] + (rest == 0 ? "" : "-" + small[rest]) }
        return small[leading] + " hundred" + (rest == 0 ? "" : " and " + words(rest))
    }
}
