/// How many bytes the characters of a text in UTF-8 have.
enum UTF8Length {
    /// The bytes of the character that begins at `place` with a byte of 0x80 or more; nil where none does.
    ///
    /// Of a character that goes on behind the end of `bytes`, those that are there are checked.
    static func of(_ bytes: UnsafeRawBufferPointer, at place: Int) -> Int? {
        let length: Int
        // What the second byte may be keeps out surrogates, numbers above 0x10FFFF and longer forms than needed.
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch bytes[place] {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF:
            length = 3
            if bytes[place] == 0xE0 { second = 0xA0...0xBF }
            if bytes[place] == 0xED { second = 0x80...0x9F }
        case 0xF0...0xF4:
            length = 4
            if bytes[place] == 0xF0 { second = 0x90...0xBF }
            if bytes[place] == 0xF4 { second = 0x80...0x8F }
        default: return nil
        }
        let end = min(place + length, bytes.count)
        for other in place + 1..<end {
            let allowed = other == place + 1 ? second : 0x80...0xBF
            guard allowed ~= bytes[other] else { return nil }
        }
        return length
    }
}
