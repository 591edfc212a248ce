extension JSONValue {
    /// The most containers that may lie in each other, the outermost one counted.
    public static let maximumDepth = 32
    /// The most values that a text may hold, which bounds the memory that a short text can take: some 200 MB.
    public static let maximumValues = 1 << 22
    /// The most bytes that all keys of a text may have, which bounds the memory where values are passed over.
    public static let maximumKeyBytes = 1 << 24

    /// Reads one JSON value that fills `bytes` but for white space.
    /// - Throws: ``JSONError`` with the byte offset of the first problem.
    public init(_ bytes: [UInt8]) throws(JSONError) {
        let result = bytes.withUnsafeBytes { bytes in
            Result {
                var reader = JSONReader(text: JSONText(whole: bytes))
                return try reader.readDocument(.keep)
            }
        }
        do {
            self = try result.get()
        } catch let error as JSONError {
            throw error
        } catch {
            // The text is in memory and goes nowhere, so that nothing else fails.
            throw JSONError(offset: 0, column: 1, problem: "\(error)")
        }
    }
}

/// A recursive-descent reader of RFC 8259 text.
struct JSONReader {
    /// What becomes of a value.
    enum Use {
        case keep
        /// It is read by the same rules, and nothing is kept of it.
        case pass
        /// It holds the wanted text by the keys of ``field`` from this one on, or is that text after the last of them.
        case find(key: Int)
    }

    var text: JSONText
    /// The bytes of the string that is being read.
    var decoded: [UInt8] = []
    /// The keys that lead to the wanted text.
    var field: [[UInt8]] = []
    /// Takes the wanted text, a part at a time.
    var take: ((UnsafeRawBufferPointer) throws -> Void)?
    private var values = 0
    private var keyBytes = 0
    private var keys = JSONKeys()

    init(text: JSONText) { self.text = text }

    /// Reads the value that fills the text but for white space; `.null` stands for one that is not kept.
    mutating func readDocument(_ use: Use) throws -> JSONValue {
        (values, keyBytes) = (0, 0)
        keys.removeAll()  // an error left some
        let value = try readValue(use, depth: 0)
        try skipSpace()
        guard try text.next == nil else { throw error("more text after the value") }
        return value
    }

    func error(_ problem: String, at place: JSONText.Place? = nil) -> JSONError {
        let place = place ?? text.place
        return JSONError(offset: place.bytes, column: place.characters + 1, problem: problem)
    }

    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

    mutating func skipSpace() throws {
        while let byte = try text.next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
        {
            text.advance()
        }
    }

    private mutating func take(_ byte: UInt8) throws -> Bool {
        try skipSpace()
        guard try text.next == byte else { return false }
        text.advance()
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
        guard try take(UInt8(ascii: character)) else { throw error("expected '\(character)'") }
    }

    private mutating func readValue(_ use: Use, depth: Int) throws -> JSONValue {
        try skipSpace()
        values += 1
        guard values <= JSONValue.maximumValues else { throw error("too many values") }
        let first = try text.next
        if case .find(let key) = use { try requireKind(of: first, key) }
        switch first {
        case UInt8(ascii: "{"), UInt8(ascii: "["): return try readContainer(use, depth: depth + 1)
        case UInt8(ascii: "\""): return try readStringValue(use)
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        case nil: throw error("the \(text.name) ends early")
        case let byte? where byte == UInt8(ascii: "-") || Self.digits.contains(byte):
            return try readNumber(use)
        default: throw error("expected a value")
        }
    }

    private mutating func readWord(_ word: String, _ value: JSONValue) throws -> JSONValue {
        guard try isNext(word) else { throw error("unknown word") }
        text.advance(by: word.utf8.count)
        return value
    }

    mutating func isNext(_ word: String) throws -> Bool {
        _ = try text.fill(atLeast: word.utf8.count)
        return text.window[text.index...].starts(with: word.utf8)
    }

    // MARK: Containers

    /// Reads a container; `depth` is 1 for the outermost one.
    private mutating func readContainer(_ use: Use, depth: Int) throws -> JSONValue {
        guard depth <= JSONValue.maximumDepth else { throw error("nested too deeply") }
        return try text.next == UInt8(ascii: "{")
            ? try readObject(use, depth: depth) : try readArray(use, depth: depth)
    }

    private mutating func readObject(_ use: Use, depth: Int) throws -> JSONValue {
        let start = text.place
        try expect("{")
        var members: [JSONValue.Member] = []
        var object = keys.open()
        var isFound = false
        if try !take(UInt8(ascii: "}")) {
            repeat {
                try readKey(&object)
                var (inner, key) = (use, "")
                switch use {
                case .pass: break
                case .keep: key = String(decoding: decoded, as: UTF8.self)
                case .find(let place):
                    let isNext = decoded == field[place]
                    inner = isNext ? .find(key: place + 1) : .pass
                    isFound = isFound || isNext
                }
                try expect(":")
                let value = try readValue(inner, depth: depth)
                if case .keep = use { members.append(.init(key, value)) }
            } while try take(UInt8(ascii: ","))
            try expect("}")
        }
        if case .find(let place) = use, !isFound {
            let name = Self.shown(field[place])
            throw error("the object has no \(name) (\(keys.list(object)))", at: start)
        }
        keys.close(object)
        return if case .keep = use { .object(members) } else { .null }
    }

    /// Reads a key into ``decoded``.
    private mutating func readKey(_ object: inout JSONKeys.Object) throws {
        try skipSpace()
        let start = text.place
        try readKeyString()
        keyBytes += decoded.count
        guard keyBytes <= JSONValue.maximumKeyBytes else { throw error("too many keys", at: start) }
        guard keys.insert(decoded, into: &object) else {
            throw error("duplicate key \(Self.shown(decoded))", at: start)
        }
    }

    private mutating func readArray(_ use: Use, depth: Int) throws -> JSONValue {
        try expect("[")
        var values: [JSONValue] = []
        if try take(UInt8(ascii: "]")) { return .array(values) }
        repeat {
            let value = try readValue(use, depth: depth)
            if case .keep = use { values.append(value) }
        } while try take(UInt8(ascii: ","))
        try expect("]")
        return .array(values)
    }

    // MARK: Numbers

    private mutating func readDigits() throws {
        guard let first = try text.next, Self.digits.contains(first) else {
            throw error("expected a digit")
        }
        while let byte = try text.next, Self.digits.contains(byte) { takeOfNumber(byte) }
    }

    /// Takes a byte at hand. Digits that nobody keeps may go on for ever.
    private mutating func takeOfNumber(_ byte: UInt8) {
        text.advance()
        if keepsNumber { decoded.append(byte) }
    }

    private var keepsNumber = false

    private mutating func readNumber(_ use: Use) throws -> JSONValue {
        let start = text.place
        keepsNumber = if case .keep = use { true } else { false }
        if keepsNumber { decoded.removeAll(keepingCapacity: true) }
        if let byte = try text.next, byte == UInt8(ascii: "-") { takeOfNumber(byte) }
        let zero = try text.next == UInt8(ascii: "0")
        let first = text.place.bytes
        try readDigits()
        if zero && text.place.bytes > first + 1 {
            throw error("a number begins with 0", at: start)
        }
        if let byte = try text.next, byte == UInt8(ascii: ".") {
            takeOfNumber(byte)
            try readDigits()
        }
        if let byte = try text.next, byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            takeOfNumber(byte)
            if let sign = try text.next, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                takeOfNumber(sign)
            }
            try readDigits()
        }
        return keepsNumber ? .number(String(decoding: decoded, as: UTF8.self)) : .null
    }
}
