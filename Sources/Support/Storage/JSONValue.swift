/// A JSON value whose numbers stay text, so that reading and writing one needs no floating point.
///
/// Stricter than most readers: a duplicate key, deep nesting and bytes after the value are errors.
/// Keys are compared as Swift compares text, so two Unicode spellings of one word are duplicates.
public enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    /// The number as written, for example `12` or `3.4567`.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// Members in the order of the text; keys are unique.
    case object([Member])

    public struct Member: Equatable, Sendable {
        public let key: String
        public let value: JSONValue
        public init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    public static func integer(_ value: some BinaryInteger) -> JSONValue { .number("\(value)") }

    /// The value as an integer, or nil where it is no integer that fits.
    public var integer: Int? {
        if case .number(let text) = self { Int(text) } else { nil }
    }

    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    public var array: [JSONValue]? {
        if case .array(let values) = self { values } else { nil }
    }

    public var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }

    public subscript(key: String) -> JSONValue? {
        members?.first { $0.key == key }?.value
    }

    /// The value as JSON text on one line.
    public var text: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let text): text
        case .string(let text): Self.quoted(text)
        case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { Self.quoted($0.key) + ":" + $0.value.text }.joined(separator: ",")
                + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// Text that is not JSON as ``JSONValue`` reads it.
public struct JSONError: Error, Sendable, CustomStringConvertible {
    /// Byte offset into the text.
    public let offset: Int
    public let problem: String
    public var description: String { "\(problem) at byte \(offset)" }
}
