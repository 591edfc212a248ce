/// Reads a text out of each line of JSON Lines: the string that the object of a line has under a key, or under the
/// keys of objects in it.
///
/// A line is read by the rules of ``JSONValue``, and only a part of it is in memory at a time. Empty lines are passed
/// over, and so is a byte order mark at the beginning. Memory: two buffers, and the keys of a line
/// (``JSONValue/maximumKeyBytes``, ``JSONValue/maximumValues``).
public final class JSONLines {
    private static let windowBytes = 1 << 17
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private var reader: JSONReader
    private let buffer: UnsafeMutableRawBufferPointer
    /// Whether the next line begins behind what is left of the last one.
    private var isInLine = false
    /// The number of the line that was read last, from 1 on; 0 before the first.
    public private(set) var line = 0

    /// Reads nothing yet.
    /// - Parameters:
    ///   - field: The keys that lead to the text, the outermost first; at least one.
    ///   - read: Puts the next bytes at the start of the buffer and says how many, 0 at the end.
    public init(field: [String], read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) {
        buffer = .allocate(byteCount: Self.windowBytes, alignment: 64)
        reader = JSONReader(text: JSONText(lines: buffer, read: read))
        reader.field = field.map { Array($0.utf8) }
    }

    deinit { buffer.deallocate() }

    /// Whether the first character that is no white space begins an object, or there is none among the first bytes.
    /// - Throws: what `read` throws.
    /// - Precondition: No line was read yet.
    public func beginsWithObject() throws -> Bool {
        try skipByteOrderMark()
        _ = try reader.text.fill(atLeast: Self.windowBytes)
        let rest = reader.text.window[reader.text.index...]
        let first = rest.first { byte in !(byte == 0x20 || 0x09...0x0D ~= byte) }
        return first == nil || first == UInt8(ascii: "{")
    }

    /// Reads the next line that is not empty.
    /// - Parameter take: Is given the text, some 64 KiB at a time. It is known to be whole, and the line to be right, only
    ///   when this function returns.
    /// - Returns: Whether there was a line.
    /// - Throws: ``JSONError`` where the line is no such object, after which the next one can be read; or what `read` or
    ///   `take` throws.
    public func next(_ take: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
        try skipByteOrderMark()
        while true {
            if isInLine { try reader.text.endLine() }
            isInLine = false
            guard try reader.text.fill(atLeast: 1) else { return false }
            line += 1
            isInLine = true
            try reader.skipSpace()
            guard try reader.text.next != nil else { continue }
            try withoutActuallyEscaping(take) { take in
                reader.take = take
                defer { reader.take = nil }
                _ = try reader.readDocument(.find(key: 0))
            }
            return true
        }
    }

    private func skipByteOrderMark() throws {
        guard line == 0, !isInLine else { return }
        let count = Self.byteOrderMark.count
        guard try reader.text.fill(atLeast: count),
            reader.text.window[reader.text.index...].starts(with: Self.byteOrderMark)
        else { return }
        reader.text.advance(by: count)
        reader.text.beginLine()
    }
}
