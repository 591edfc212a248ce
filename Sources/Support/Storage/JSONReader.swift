extension JSONValue {
    /// The most containers that may lie in each other, the outermost one counted.
    public static let maximumDepth = 32
    /// The most values that a text may hold, which bounds the memory that a short text can take: some 200 MB.
    public static let maximumValues = 1 << 22

    /// Reads one JSON value that fills `bytes` but for white space.
    /// - Throws: ``JSONError`` with the byte offset of the first problem.
    public init(_ bytes: [UInt8]) throws(JSONError) {
        var reader = JSONReader(bytes: bytes)
        self = try reader.readDocument()
    }
}

/// A recursive-descent reader of RFC 8259 text.
private struct JSONReader {
    let bytes: [UInt8]
    var position = 0
    private var values = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func readDocument() throws(JSONError) -> JSONValue {
        let value = try readValue(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw error("more text after the value") }
        return value
    }

    private func error(_ problem: String) -> JSONError {
        JSONError(offset: position, problem: problem)
    }

    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
            position += 1
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(JSONError) {
        guard take(UInt8(ascii: character)) else { throw error("expected '\(character)'") }
    }

    private mutating func readValue(depth: Int) throws(JSONError) -> JSONValue {
        skipSpace()
        values += 1
        guard values <= JSONValue.maximumValues else { throw error("too many values") }
        switch next {
        case UInt8(ascii: "{"), UInt8(ascii: "["): return try readContainer(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        case nil: throw error("the text ends early")
        case let byte? where byte == UInt8(ascii: "-") || Self.digits.contains(byte):
            return try readNumber()
        default: throw error("expected a value")
        }
    }

    /// Reads a container; `depth` is 1 for the outermost one.
    private mutating func readContainer(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= JSONValue.maximumDepth else { throw error("nested too deeply") }
        return next == UInt8(ascii: "{")
            ? try readObject(depth: depth) : try readArray(depth: depth)
    }

    private mutating func readWord(
        _ word: String, _ value: JSONValue
    ) throws(JSONError) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else { throw error("unknown word") }
        position += word.utf8.count
        return value
    }

    private mutating func readObject(depth: Int) throws(JSONError) -> JSONValue {
        try expect("{")
        var members: [JSONValue.Member] = []
        var keys: Set<String> = []
        if take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipSpace()
            let key = try readString()
            guard keys.insert(key).inserted else {
                // The key is quoted as JSON, so that control characters stay visible.
                let shown = JSONValue.string(String(key.prefix(60))).text
                throw error("duplicate key \(shown)")
            }
            try expect(":")
            members.append(.init(key, try readValue(depth: depth)))
        } while take(UInt8(ascii: ","))
        try expect("}")
        return .object(members)
    }

    private mutating func readArray(depth: Int) throws(JSONError) -> JSONValue {
        try expect("[")
        var values: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return .array(values) }
        repeat {
            values.append(try readValue(depth: depth))
        } while take(UInt8(ascii: ","))
        try expect("]")
        return .array(values)
    }

    private mutating func readDigits() throws(JSONError) {
        let start = position
        while let byte = next, Self.digits.contains(byte) { position += 1 }
        guard position > start else { throw error("expected a digit") }
    }

    private mutating func readNumber() throws(JSONError) -> JSONValue {
        let start = position
        if next == UInt8(ascii: "-") { position += 1 }
        let zero = next == UInt8(ascii: "0")
        let first = position
        try readDigits()
        if zero && position > first + 1 { throw error("a number begins with 0") }
        if next == UInt8(ascii: ".") {
            position += 1
            try readDigits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            try readDigits()
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func readString() throws(JSONError) -> String {
        guard next == UInt8(ascii: "\"") else { throw error("expected a string") }
        position += 1
        var content: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw error("a string is not valid UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): content.append(contentsOf: try readEscape())
            case ..<0x20: throw error("a control character in a string")
            default: content.append(byte)
            }
        }
        throw error("a string does not end")
    }

    private mutating func readEscape() throws(JSONError) -> [UInt8] {
        guard let byte = next else { throw error("a string does not end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return try readUnicodeEscape()
        default: throw error("unknown escape")
        }
    }

    private mutating func readUnicodeEscape() throws(JSONError) -> [UInt8] {
        var units = [try readHexUnit()]
        if UTF16.isLeadSurrogate(units[0]), bytes[position...].starts(with: "\\u".utf8) {
            position += 2
            units.append(try readHexUnit())
        }
        guard let text = String(validating: units, as: UTF16.self) else {
            throw error("a lone surrogate")
        }
        return Array(text.utf8)
    }

    private mutating func readHexUnit() throws(JSONError) -> UInt16 {
        let digits = bytes[position...].prefix(4)
        // The digits are checked first: UInt16(_:radix:) alone would take a sign, even that of "-000".
        guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw error("expected four hex digits") }
        position += 4
        return value
    }
}
