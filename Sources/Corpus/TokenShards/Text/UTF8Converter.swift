/// Turns UTF-16 or UTF-32 into UTF-8 while it is read. A byte order mark is left out.
///
/// Memory: two buffers.
final class UTF8Converter: TextConverter {
    private let path: String
    private let encoding: WideEncoding
    /// The bytes to be converted: `unread` of them, the first of which is byte `position` of the text.
    private var input = [UInt8](repeating: 0, count: 1 << 15)
    private var unread = 0..<0
    private var position = 0
    private var isAtEnd = false
    /// The converted bytes, of which the first `given` were handed out.
    private var output: [UInt8] = []
    private var given = 0

    private static let byteOrderMark: UInt32 = 0xFEFF
    private static let outputBytes = 1 << 15

    init(_ encoding: WideEncoding, path: String) {
        self.encoding = encoding
        self.path = path
        output.reserveCapacity(Self.outputBytes + 4)
    }

    /// Puts the next converted bytes at the start of `target`; 0 at the end.
    /// - Throws: ``TextError`` with the offset of what is no character, or what reading `source` throws.
    func read(_ source: DecompressedInput, into target: UnsafeMutableRawBufferPointer) throws -> Int
    {
        if given == output.count { try convertMore(source) }
        let count = min(target.count, output.count - given)
        target.copyBytes(from: output[given..<given + count])
        given += count
        return count
    }

    private func convertMore(_ source: DecompressedInput) throws {
        output.removeAll(keepingCapacity: true)
        given = 0
        while output.count < Self.outputBytes {
            let start = position
            guard let value = try nextValue(source) else { return }
            guard let scalar = Unicode.Scalar(value) else {
                throw notACharacter(value, at: start)
            }
            if value == Self.byteOrderMark && start == 0 { continue }
            output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }

    /// The next character's value, of whatever size; nil at the end.
    private func nextValue(_ source: DecompressedInput) throws -> UInt32? {
        guard try fill(source, atLeast: encoding.unitBytes) else { return nil }
        let first = takeUnit()
        guard encoding.unitBytes == 2, 0xD800...0xDBFF ~= first else { return first }
        guard try fill(source, atLeast: 2) else { return first }
        let second = unit(at: unread.lowerBound)
        guard 0xDC00...0xDFFF ~= second else { return first }
        _ = takeUnit()
        return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }

    /// Reads until `count` bytes are unread; false at the end.
    private func fill(_ source: DecompressedInput, atLeast count: Int) throws -> Bool {
        if unread.count >= count { return true }
        let rest = input[unread]
        input.replaceSubrange(..<rest.count, with: Array(rest))
        unread = 0..<rest.count
        while unread.count < count && !isAtEnd {
            let held = unread.count
            let added = try input.withUnsafeMutableBytes { bytes in
                try source.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[held...]))
            }
            isAtEnd = added == 0
            unread = 0..<held + added
        }
        guard unread.isEmpty || unread.count >= count else {
            throw TextError(
                "\(path): byte \(position)", "the text ends in the middle of a character",
                remedy: wrongEncoding, label: "damaged \(encoding.name)")
        }
        return !unread.isEmpty
    }

    private func takeUnit() -> UInt32 {
        let value = unit(at: unread.lowerBound)
        unread = unread.lowerBound + encoding.unitBytes..<unread.upperBound
        position += encoding.unitBytes
        return value
    }

    private func unit(at place: Int) -> UInt32 {
        let count = encoding.unitBytes
        var value: UInt32 = 0
        for i in 0..<count {
            value =
                value << 8 | UInt32(input[encoding.isBigEndian ? place + i : place + count - 1 - i])
        }
        return value
    }

    private func notACharacter(_ value: UInt32, at offset: Int) -> TextError {
        let isSurrogate = 0xD800...0xDFFF ~= value
        let digits = String(value, radix: 16, uppercase: true)
        return TextError(
            "\(path): byte \(offset)",
            isSurrogate
                ? "half of a surrogate pair (\(digits)) stands alone, so that this is not \(encoding.name)"
                : "\(digits) is not a character, so that this is not \(encoding.name)",
            remedy: wrongEncoding, label: "damaged \(encoding.name)")
    }

    private var wrongEncoding: String { "check --encoding, or restore the file from its source" }
}
