import FixedPoint
import Storage

/// One section of a config, with typed values.
///
/// Every key that is read is known from then on; the others are refused in the end. A missing value stands for its
/// default; one that is not of its type or range is a ``ConfigError`` at its place.
public struct ConfigSection {
    let document: ConfigDocument
    /// The name of the section; empty for the keys outside the sections.
    let name: String

    /// The number that stands for 1 in decimal numbers.
    public static let one: Int64 = 1 << 32

    /// An error at a key's value, or at the file where it is not given.
    public func refusal(of key: String, _ finding: String, remedy: String) -> ConfigError {
        ConfigError(document.location(of: path(key)), finding, remedy: remedy)
    }

    private func path(_ key: String) -> String { ConfigDocument.path(name, key) }

    private func error(_ entry: ConfigDocument.Entry, _ key: String, _ wanted: String)
        -> ConfigError
    {
        let found = entry.node.scalar?.string ?? "a list or section"
        let form = entry.isQuoted ? "the quoted text " : ""
        return ConfigError(
            entry.location, "'\(path(key))' must be \(wanted), found \(form)'\(found)'",
            remedy: entry.isQuoted ? "write it without quotes" : "change the value")
    }

    /// The most decimals of a fixed-point setting: enough to tell all values that a config may give apart.
    public static let decimals = 9

    /// The text of a decimal number, which has 32 fraction bits.
    public static func decimalText(_ value: Int64) -> String {
        DecimalText.format(value, over: one, decimals: decimals)
    }

    /// Leaves keys unread that have a use only with another setting.
    public func skip(_ keys: [String], without other: String) {
        document.noteUse(of: keys, in: name, with: other)
    }

    /// Reads a whole number within a range; `fallback` nil makes the key required, and the least number
    /// stands for a missing one until ``ConfigDocument/checkKeys()``.
    /// - Throws: ``ConfigError`` at a value that is none.
    public func integer(
        _ key: String, default fallback: Int?, in range: ClosedRange<Int>
    ) throws(ConfigError) -> Int {
        guard let entry = document.entry(name, key) else {
            if fallback == nil { document.noteMissing(name, key) }
            return fallback ?? range.lowerBound
        }
        guard let value = entry.wholeNumber(Int.self) else {
            throw error(entry, key, "an integer")
        }
        guard range.contains(value) else {
            throw error(entry, key, "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// Reads a 64-bit seed.
    /// - Throws: ``ConfigError`` at a value that is none.
    public func seed(_ key: String, default fallback: UInt64) throws(ConfigError) -> UInt64 {
        guard let entry = document.entry(name, key) else { return fallback }
        guard let value = entry.wholeNumber(UInt64.self) else {
            throw error(entry, key, "an integer from 0 to \(UInt64.max)")
        }
        return value
    }

    /// Reads a decimal number as fixed point with 32 fraction bits. It has at most 9 decimals, so that the
    /// resolved config gives the same number again.
    /// - Throws: ``ConfigError`` at a value that is none or out of range.
    public func decimal(
        _ key: String, default fallback: String, in range: ClosedRange<Int64>
    ) throws(ConfigError) -> Int64 {
        let entry = document.entry(name, key)
        let text = entry.map { $0.isQuoted ? "" : $0.node.scalar?.string ?? "" } ?? fallback
        guard let value = Self.decimal(text),
            DecimalText.parse(Self.decimalText(value), scale: Self.one) == value,
            range.contains(value)
        else {
            guard let entry else { return range.lowerBound }
            throw error(
                entry, key,
                "a number from \(Self.decimalText(range.lowerBound)) to \(Self.decimalText(range.upperBound)) with at most"
                    + " \(Self.decimals) decimals")
        }
        return value
    }

    /// A number such as `0.001`, `.001` or `1e-3` with 32 fraction bits; nil for any other text.
    private static func decimal(_ text: String) -> Int64? {
        let parts = text.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        guard parts.count == 2 else { return DecimalText.parse(text, scale: Self.one) }
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard let power = Int(parts[1]), abs(power) <= longestPower,
            (1...2).contains(mantissa.count)
        else { return nil }
        // The point moves over digits and the zeros around them.
        let zeros = String(repeating: "0", count: longestPower)
        let digits = zeros + mantissa.joined() + zeros
        let point = longestPower + mantissa[0].count + power
        let plain = digits.prefix(point) + "." + digits.dropFirst(point)
        guard plain.allSatisfy({ $0 == "." || $0.isASCII && $0.isNumber }) else { return nil }
        let trimmed = plain.reversed().drop { $0 == "0" }.reversed().drop { $0 == "0" }
        return DecimalText.parse("0" + String(trimmed) + "0", scale: Self.one)
    }

    /// The largest power of ten that a number may be written with.
    private static let longestPower = 18

    /// Reads one of a few numbers.
    /// - Throws: ``ConfigError`` at a value that is none of them.
    public func numberedChoice<Value: RawRepresentable & CaseIterable>(
        _ key: String, default fallback: Value
    ) throws(ConfigError) -> Value where Value.RawValue == Int {
        guard let entry = document.entry(name, key) else { return fallback }
        guard let value = entry.wholeNumber(Int.self).flatMap(Value.init) else {
            let numbers = Value.allCases.map { "\($0.rawValue)" }.joined(separator: " or ")
            throw error(entry, key, numbers)
        }
        return value
    }

    /// Reads one of a type's words.
    /// - Throws: ``ConfigError`` at a value that is none of them.
    public func choice<Value: RawRepresentable & CaseIterable>(
        _ key: String, default fallback: Value
    ) throws(ConfigError) -> Value where Value.RawValue == String {
        let words = Value.allCases.map(\.rawValue)
        return Value(rawValue: try word(key, of: words, default: fallback.rawValue)) ?? fallback
    }

    /// Reads `true` or `false`.
    /// - Throws: ``ConfigError`` at a value that is neither.
    public func truth(_ key: String, default fallback: Bool) throws(ConfigError) -> Bool {
        try word(key, of: ["true", "false"], default: "\(fallback)") == "true"
    }

    /// Reads one of some words.
    /// - Throws: ``ConfigError`` at a value that is none of them.
    public func word(
        _ key: String, of words: [String], default fallback: String
    ) throws(ConfigError) -> String {
        guard let entry = document.entry(name, key) else { return fallback }
        guard let text = entry.node.scalar?.string, words.contains(text) else {
            throw error(entry, key, "one of \(words.joined(separator: ", "))")
        }
        return text
    }

    /// Reads a value that `read` makes of a text; it is nil where the key is not given.
    /// - Parameters:
    ///   - key: The key of the section.
    ///   - wanted: What the text has to be, for the message where `read` gives nil.
    ///   - read: Turns the text into the value, or gives nil where it cannot.
    /// - Throws: ``ConfigError`` at a text that `read` gives nil for.
    public func value<Value>(
        _ key: String, _ wanted: String, read: (String) -> Value?
    ) throws(ConfigError) -> Value? {
        guard let entry = document.entry(name, key) else { return nil }
        guard let value = read(entry.text ?? "") else { throw error(entry, key, wanted) }
        return value
    }

    /// Reads a list of values that `read` makes of texts; it is empty where the key is not given.
    /// - Parameters:
    ///   - key: The key of the section.
    ///   - wanted: What the elements have to be, for the message where `read` gives nil.
    ///   - read: Turns the text of an element into the value, or gives nil where it cannot.
    /// - Throws: ``ConfigError`` at a value that is no list, or an element that `read` gives nil for.
    public func list<Value>(
        _ key: String, of wanted: String, read: (String) -> Value?
    ) throws(ConfigError) -> [Value] {
        guard let entry = document.entry(name, key) else { return [] }
        guard let nodes = entry.node.sequence else {
            throw error(entry, key, "a list such as [a, b] of \(wanted)")
        }
        var values: [Value] = []
        for node in nodes {
            guard let text = node.scalar?.string, let value = read(text) else {
                throw refusal(
                    of: key,
                    "'\(path(key))' must be a list of \(wanted), found"
                        + " '\(node.scalar?.string ?? "a list or section")' in it",
                    remedy: "change the value")
            }
            values.append(value)
        }
        return values
    }

    /// Reads a text that is not empty; it is nil where the key is not given.
    /// - Throws: ``ConfigError`` at a value that is no text or empty.
    public func optionalText(_ key: String) throws(ConfigError) -> String? {
        guard let entry = document.entry(name, key) else { return nil }
        guard let text = entry.text, !text.isEmpty else {
            throw error(entry, key, "a text")
        }
        return text
    }

    /// Reads a hash of 16 lower-case hexadecimal digits; it is nil where the key is not given.
    /// - Throws: ``ConfigError`` at a value that is none.
    public func digest(_ key: String) throws(ConfigError) -> UInt64? {
        try value(key, "a hash of 16 hexadecimal digits") { text in
            UInt64(text, radix: 16).flatMap { XXH64.hex($0) == text ? $0 : nil }
        }
    }

    /// Reads a text that is not empty. The key is required; see ``ConfigDocument/checkKeys()``.
    /// - Throws: ``ConfigError`` at a value that is no text or empty.
    public func text(_ key: String) throws(ConfigError) -> String {
        guard let text = try optionalText(key) else {
            document.noteMissing(name, key)
            return ""
        }
        return text
    }
}
