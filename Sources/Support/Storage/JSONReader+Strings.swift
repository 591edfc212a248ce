extension JSONReader {
    /// What becomes of the bytes of a string.
    private enum Bytes {
        /// They are all kept; a key may have so many.
        case keep(atMost: Int)
        case pass
        case give
    }

    /// The bytes that are decoded before they are given away.
    private static let partBytes = 1 << 16
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")

    mutating func readStringValue(_ use: Use) throws -> JSONValue {
        switch use {
        case .keep:
            try readString(.keep(atMost: .max))
            return .string(String(decoding: decoded, as: UTF8.self))  // it was found to be valid
        case .pass: try readString(.pass)
        case .find: try readString(.give)
        }
        return .null
    }

    /// Reads a key, which is in ``decoded`` then.
    mutating func readKeyString() throws {
        try readString(.keep(atMost: JSONValue.maximumKeyBytes))
    }

    /// Reads a string, the last part of which is left in ``decoded``.
    private mutating func readString(_ use: Bytes) throws {
        guard try text.next == Self.quote else { throw error("expected a string") }
        text.advance()
        decoded.removeAll(keepingCapacity: true)
        let isWanted = if case .pass = use { false } else { true }
        while let byte = try text.next {
            switch byte {
            case Self.quote:
                text.advance()
                if case .give = use { try give() }
                return
            case Self.backslash: try readEscape()
            case ..<0x20: throw error("a control character in a string")
            default: try readRun(keeps: isWanted)
            }
            if decoded.count >= Self.partBytes { try endPart(use) }
        }
        throw error("a string does not end")
    }

    private mutating func endPart(_ use: Bytes) throws {
        switch use {
        case .keep(let limit):
            guard decoded.count <= limit else { throw error("a key is too long") }
        case .pass: decoded.removeAll(keepingCapacity: true)
        case .give:
            try give()
            decoded.removeAll(keepingCapacity: true)
        }
    }

    private mutating func give() throws {
        guard !decoded.isEmpty else { return }
        try decoded.withUnsafeBytes { try take?($0) }
    }

    /// Reads characters that stand for themselves, as far as they are at hand.
    private mutating func readRun(keeps: Bool) throws {
        let window = text.window
        var (place, continuations) = (text.index, 0)
        while true {
            place = window.endOfPlainASCII(from: place)
            guard place < window.count, window[place] >= 0x80 else { break }
            guard let length = UTF8Length.of(window, at: place) else {
                text.advance(by: place - text.index, continuations: continuations)
                throw error("a string is not valid UTF-8")
            }
            // One that the window cuts is read once the rest of it is at hand.
            guard place + length <= window.count else { break }
            place += length
            continuations += length - 1
        }
        if keeps {
            decoded.append(
                contentsOf: UnsafeRawBufferPointer(rebasing: window[text.index..<place]))
        }
        let isCut = place == text.index
        text.advance(by: place - text.index, continuations: continuations)
        if isCut, try !text.fill(atLeast: window.count - place + 1) {
            throw error("a string is not valid UTF-8")
        }
    }

    // MARK: Escapes

    private mutating func readEscape() throws {
        let start = text.place
        text.advance()
        guard let byte = try text.next else { throw error("a string does not end") }
        text.advance()
        switch byte {
        case Self.quote, Self.backslash, UInt8(ascii: "/"): decoded.append(byte)
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"): try readUnicodeEscape(from: start)
        default: throw error("unknown escape", at: start)
        }
    }

    private mutating func readUnicodeEscape(from start: JSONText.Place) throws {
        var value = UInt32(try readHexUnit())
        if 0xD800...0xDBFF ~= value, try text.fill(atLeast: 2),
            text.window[text.index] == Self.backslash,
            text.window[text.index + 1] == UInt8(ascii: "u")
        {
            text.advance(by: 2)
            let second = UInt32(try readHexUnit())
            guard 0xDC00...0xDFFF ~= second else { throw error("a lone surrogate", at: start) }
            value = 0x10000 + (value - 0xD800) << 10 + (second - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else { throw error("a lone surrogate", at: start) }
        decoded.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    private mutating func readHexUnit() throws -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = try text.next, let digit = Self.hexDigit(byte) else {
                throw error("expected four hex digits")
            }
            text.advance()
            unit = unit << 4 | digit
        }
        return unit
    }

    private static func hexDigit(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte) - 0x30
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte) - 0x41 + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte) - 0x61 + 10
        default: nil
        }
    }
}
