/// Makes valid UTF-8 of any bytes, as they come.
///
/// A character is handed out with its last byte. What is no character becomes U+FFFD, one for each
/// longest run of bytes that could have begun one, as the Unicode standard recommends and
/// `String(decoding:as:)` does.
struct UTF8Repair {
    static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// A character begun: its bytes so far, and what may follow.
    private var pending: [UInt8] = []
    private var missing = 0
    private var allowed: ClosedRange<UInt8> = continuation

    private static let continuation: ClosedRange<UInt8> = 0x80...0xBF

    /// Takes one byte and hands out the characters that it completes.
    mutating func append(_ byte: UInt8) -> [UInt8] {
        if missing > 0 {
            guard allowed.contains(byte) else { return finish() + append(byte) }
            pending.append(byte)
            missing -= 1
            allowed = Self.continuation
            if missing > 0 { return [] }
            defer { pending = [] }
            return pending
        }
        if byte < 0x80 { return [byte] }
        guard let (count, second) = Self.continuations(after: byte) else {
            return Self.replacement
        }
        pending = [byte]
        missing = count
        allowed = second
        return []
    }

    /// Hands out what an unfinished character at the end stands for.
    mutating func finish() -> [UInt8] {
        defer {
            pending = []
            missing = 0
        }
        return pending.isEmpty ? [] : Self.replacement
    }

    /// How many bytes follow a first byte, and which may be the next: without overlong forms,
    /// surrogates and what lies beyond U+10FFFF. Nil for a byte that begins no character.
    private static func continuations(after byte: UInt8) -> (Int, ClosedRange<UInt8>)? {
        switch byte {
        case 0xC2...0xDF: (1, continuation)
        case 0xE0: (2, 0xA0...0xBF)
        case 0xED: (2, 0x80...0x9F)
        case 0xE1...0xEF: (2, continuation)
        case 0xF0: (3, 0x90...0xBF)
        case 0xF1...0xF3: (3, continuation)
        case 0xF4: (3, 0x80...0x8F)
        default: nil
        }
    }
}
