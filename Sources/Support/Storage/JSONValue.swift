/// A JSON value whose numbers stay text, so that reading and writing one needs no floating point.
///
/// Reading is stricter than most readers: a duplicate key, deep nesting and bytes after the value are errors.
/// Keys are compared as Swift compares text, so two Unicode spellings of one word are duplicates.
public enum JSONValue: Equatable, Sendable {
    /// The word `null`.
    case null
    /// The word `true` or `false`.
    case bool(Bool)
    /// The number as written, for example `12` or `3.4567`.
    case number(String)
    /// A text, without quotes and escapes.
    case string(String)
    /// Values in the order of the text.
    case array([JSONValue])
    /// Members in the order of the text; keys are unique.
    case object([Member])

    /// A key of an object and its value.
    public struct Member: Equatable, Sendable {
        /// The key, without quotes and escapes.
        public let key: String
        /// The value.
        public let value: JSONValue
        /// Makes a member.
        public init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// A number in decimal digits.
    public static func integer(_ value: some BinaryInteger) -> JSONValue { .number("\(value)") }

    /// The value as an integer; nil where it is no integer that fits.
    public var integer: Int? {
        if case .number(let text) = self { Int(text) } else { nil }
    }

    /// The value as a text; nil where it is none.
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The values of an array; nil where it is none.
    public var array: [JSONValue]? {
        if case .array(let values) = self { values } else { nil }
    }

    /// The members of an object; nil where it is none.
    public var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The value of a key of an object; nil where there is none.
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
    /// The byte offset into the text.
    public let offset: Int
    /// The characters (Unicode scalars) before that, plus one: the column where the text is one line.
    public let column: Int
    /// What is wrong there.
    public let problem: String
    /// The problem and its place in one line.
    public var description: String { "\(problem) at byte \(offset)" }
}
