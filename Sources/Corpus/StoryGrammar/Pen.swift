/// Writes text after text, with the articles, capital letters and spaces that depend on what stands
/// beside them.
///
/// A text that writes nothing leaves no gap: a space is dropped at the start of a line and after
/// another space, and a line loses the space at its end.
struct Pen {
    /// Where the story begins in the output.
    let origin: Int
    /// A capital is due at the next letter.
    private var capital = false
    /// An article was written whose form the next letter decides.
    private var article = false

    init(origin: Int) { self.origin = origin }

    /// The next character written that is a lowercase letter becomes a capital; a space or a
    /// quotation mark before it does not count, any other character ends the wait.
    mutating func capitalizeNext() { capital = true }

    /// Writes "a", to become "an" when the next letter is a vowel.
    mutating func writeArticle(to output: inout [UInt8]) {
        write([UInt8(ascii: "a")], Span(start: 0, count: 1), to: &output)
        article = true
    }

    mutating func write(_ text: [UInt8], _ span: Span, to output: inout [UInt8]) {
        guard span.count > 0 else { return }
        var first = span.start
        if text[first] == SourceText.space, startsLine(output) || output.last == SourceText.space {
            first += 1
        } else if text[first] == SourceText.newline, output.last == SourceText.space {
            output.removeLast()
        }
        let start = output.count
        output.append(contentsOf: text[first..<span.end])
        if capital || article { settle(from: start, in: &output) }
    }

    private func startsLine(_ output: [UInt8]) -> Bool {
        output.count <= origin || output.last == SourceText.newline
    }

    private mutating func settle(from start: Int, in output: inout [UInt8]) {
        for index in start..<output.count {
            let byte = output[index]
            if Self.isPassedOver(byte) { continue }
            if capital && byte.isLowercaseLetter { output[index] = byte - 0x20 }
            capital = false
            if article {
                article = false
                if Self.isVowel(byte) { Self.lengthenArticle(before: index, in: &output) }
            }
            return
        }
    }

    private static func isPassedOver(_ byte: UInt8) -> Bool {
        byte == SourceText.space || byte == UInt8(ascii: "\"")
    }

    private static func isVowel(_ byte: UInt8) -> Bool { "aeiouAEIOU".utf8.contains(byte) }

    /// Puts the "n" behind the "a" that ends before the spaces and marks in front of `index`.
    private static func lengthenArticle(before index: Int, in output: inout [UInt8]) {
        var place = index
        while place > 0, isPassedOver(output[place - 1]) { place -= 1 }
        guard place > 0, output[place - 1] | 0x20 == UInt8(ascii: "a") else { return }
        output.insert(UInt8(ascii: "n"), at: place)
    }
}
