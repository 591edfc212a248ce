/// Passes on a text that comes byte by byte up to the first of some stop texts, and holds back what may begin one.
///
/// Worked example: with the stop texts `ab` and `b`, the bytes `x`, `a`, `c`, `a`, `b` give `x`, nothing, `ac`,
/// nothing, and the end with nothing more. Of two that end together the longer counts. Time a byte: constant, for each
/// stop text.
struct StopFilter {
    /// A stop text and how much of it the text ends with.
    private struct Stop {
        let bytes: [UInt8]
        /// The borders of the text: borders[n] is the length of the longest part, shorter than n, that the first n
        /// bytes begin and end with. [count + 1]
        let borders: [Int]
        var matched = 0

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            var borders = [0, 0]
            for end in bytes.indices.dropFirst() {
                var border = borders[end]
                while border > 0 && bytes[border] != bytes[end] { border = borders[border] }
                borders.append(bytes[border] == bytes[end] ? border + 1 : 0)
            }
            self.borders = borders
        }

        /// Takes a byte.
        /// - Returns: Whether the text now ends with the whole of it.
        mutating func advance(_ byte: UInt8) -> Bool {
            while matched > 0 && bytes[matched] != byte { matched = borders[matched] }
            if bytes[matched] == byte { matched += 1 }
            return matched == bytes.count
        }
    }

    private var stops: [Stop]
    /// The longest end of the text that begins a stop text.
    private var held: [UInt8] = []

    /// Makes a filter of some stop texts.
    /// - Precondition: No stop text is empty.
    init(_ stops: [[UInt8]]) {
        precondition(stops.allSatisfy { !$0.isEmpty }, "an empty stop text")
        self.stops = stops.map(Stop.init)
    }

    /// Takes a byte. Once the text has ended, no other may follow.
    /// - Returns: The bytes that are now known to belong to the text, and whether it ends after them.
    mutating func append(_ byte: UInt8) -> (text: [UInt8], isEnd: Bool) {
        held.append(byte)
        var found = 0
        for index in stops.indices where stops[index].advance(byte) {
            found = max(found, stops[index].matched)
        }
        let kept = found > 0 ? found : stops.reduce(0) { max($0, $1.matched) }
        let text = Array(held.dropLast(kept))
        held.removeFirst(text.count)
        return (text, found > 0)
    }

    /// The bytes still held back, where the text ends without a stop text.
    func finish() -> [UInt8] { held }
}
