import Storage

/// The lines of a log, one after the other. Memory: a chunk and a line, however long the log is.
struct LogLines {
    /// More bytes than any line of a run has: the diagnostics of 64 layers take about 2^17.
    private static let longestLine = 1 << 18

    /// A line, from its start to its line feed.
    struct Line {
        /// The number of the line, from 1.
        let number: Int
        /// The bytes of the file up to its end.
        let end: Int
        /// What it says; nil where it is damaged.
        let value: JSONValue?
    }

    private let file: InputFile
    private var chunk = [UInt8](repeating: 0, count: 1 << 16)
    /// The part of the chunk that was not looked at yet.
    private var rest = 0..<0
    private var bytes = 0
    private var number = 0

    init(_ path: String) throws(FileError) { file = try InputFile(path) }

    /// The next line; nil at the end. A line without an end was torn, and is none.
    mutating func next() throws(FileError) -> Line? {
        var line: [UInt8] = []
        var length = 0
        while true {
            if rest.isEmpty {
                rest = 0..<(try file.readNext(into: &chunk))
                if rest.isEmpty { return nil }
            }
            let feed = chunk[rest].firstIndex(of: UInt8(ascii: "\n"))
            let part = rest.lowerBound..<(feed ?? rest.upperBound)
            length += part.count
            if length < Self.longestLine { line += chunk[part] }
            rest = (feed.map { $0 + 1 } ?? rest.upperBound)..<rest.upperBound
            guard feed != nil else { continue }
            bytes += length + 1
            number += 1
            let value = length < Self.longestLine ? try? JSONValue(line) : nil
            return Line(number: number, end: bytes, value: value)
        }
    }
}
