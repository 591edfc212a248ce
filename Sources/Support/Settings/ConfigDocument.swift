import Diagnostics
import Storage
import Yams

/// A YAML document with overrides, read key by key.
///
/// Every value knows where it stands, so that an error says `file.yaml:3:10` or `--set key=value`.
/// Keys that nobody asked for and required keys that nobody gave are errors: ``checkKeys()`` comes
/// last. A path is `section.key`, or `key` for one of the few that stand outside the sections.
public final class ConfigDocument {
    /// A value and where it was given.
    struct Entry {
        let node: Node
        let location: String
        /// The text of an override as it was typed: a text setting takes it literally.
        var literal: String? = nil

        /// The value as a text; nil for a list or section.
        var text: String? { literal ?? node.scalar?.string }

        /// Whether quotes make it a text.
        var isQuoted: Bool {
            guard let style = node.scalar?.style else { return false }
            return style == .singleQuoted || style == .doubleQuoted
        }

        /// The value as a number in decimal digits, which may be grouped by `_`, after an optional sign.
        func wholeNumber<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
            guard let text = node.scalar?.string, !isQuoted else { return nil }
            let digits = text.utf8.drop { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
            guard digits.first != UInt8(ascii: "_") else { return nil }
            return Value(text.filter { $0 != "_" })
        }
    }

    private let file: String
    private var entries: [(path: String, keyLocation: String, entry: Entry)] = []
    private var sectionLocations: [String: String] = [:]
    /// The keys that were asked for, by section, in that order.
    private var known: [String: [String]] = [:]
    private var sections: [String] = []
    /// The keys outside the sections.
    private var topKeys: [String] = []
    /// The setting that would give a key a use, by the path of the key; for keys that the other settings leave without
    /// one.
    private var uses: [String: String] = [:]
    /// The first required key that nobody gave.
    private var missing: ConfigError?

    /// The most bytes that a config may have.
    public static let sizeLimit = 1 << 18
    /// The most openings of nested collections that a config may have; the parser recurses on each.
    private static let nestingLimit = 256
    /// The most aliases that a config may have; each may repeat what the others repeat.
    private static let aliasLimit = 16

    /// Parses a file.
    /// - Parameters:
    ///   - file: The path of the YAML file.
    ///   - overrides: Texts `section.key=value` that go before the file's values.
    /// - Throws: ``ConfigError`` or `FileError`.
    public init(file: String, overrides: [String]) throws {
        self.file = file
        let bytes = try Files.read(file, atMost: Self.sizeLimit)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigError(file, "is not UTF-8 text", remedy: "save the config as UTF-8")
        }
        let content =
            text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        try Self.refuseControlCharacters(content, in: file)
        let root = try Self.compose(content, named: file) { "\(file):\($0.line):\($0.column)" }
        try readSections(root)
        for override in overrides { try apply(override) }
    }

    /// Refuses control characters with their place; the parser would refuse them without it.
    private static func refuseControlCharacters(
        _ text: String, in file: String
    ) throws(ConfigError) {
        var (line, column) = (1, 1)
        for scalar in text.unicodeScalars {
            let isAllowed = scalar == "\n" || scalar == "\r" || scalar == "\t" || scalar == "\u{85}"
            guard isAllowed || scalar.properties.generalCategory != .control else {
                throw ConfigError(
                    "\(file):\(line):\(column)",
                    "holds the control character \(scalar.escaped(asASCII: true))",
                    remedy: "remove it")
            }
            (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
        }
    }

    /// Parses a text; `place` gives the location of a mark in it.
    private static func compose(
        _ text: String, named name: String, place: (Mark) -> String
    ) throws -> Node? {
        let openings = zip(text.utf8, text.utf8.dropFirst()).count { byte, next in
            "[{".utf8.contains(byte) || "-?".utf8.contains(byte) && next == UInt8(ascii: " ")
        }
        guard openings <= nestingLimit else {
            throw ConfigError(
                name, "has more than \(nestingLimit) lists and nested maps",
                remedy: "write sections of 'key: value' lines")
        }
        let aliases = zip(text.utf8, text.utf8.dropFirst()).count { byte, next in
            " \t\n\r[{,:?-".utf8.contains(byte) && next == UInt8(ascii: "*")
        }
        guard aliases <= aliasLimit else {
            throw ConfigError(
                name, "has more than \(aliasLimit) aliases", remedy: "write the values themselves")
        }
        do {
            return try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw parseError(error, named: name, place: place)
        }
    }

    private static func parseError(
        _ error: YamlError, named name: String, place: (Mark) -> String
    ) -> ConfigError {
        let remedy = "mend the YAML"
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return ConfigError(place(mark), problem, remedy: remedy)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let keys = Set(duplicates).sorted().joined(separator: "', '")
            return ConfigError(
                place(context.mark), "the key '\(keys)' occurs more than once",
                remedy: "keep one of them")
        default:
            return ConfigError(name, "is not valid YAML", remedy: remedy)
        }
    }

    private func location(_ node: Node) -> String {
        guard let mark = node.mark else { return file }
        return "\(file):\(mark.line):\(mark.column)"
    }

    /// Flattens the two levels of a config: sections and their keys, and keys outside the sections.
    private func readSections(_ root: Node?) throws {
        guard let root, let mapping = root.mapping else {
            throw ConfigError(
                file, "holds no sections", remedy: "write 'section:' lines with keys below them")
        }
        for (key, value) in mapping {
            let name = key.string ?? ""
            guard let section = value.mapping else {
                let entry = Entry(node: value, location: location(value))
                entries.append((name, location(key), entry))
                continue
            }
            sectionLocations[name] = location(key)
            for (key, value) in section {
                let entry = Entry(node: value, location: location(value))
                entries.append(("\(name).\(key.string ?? "")", location(key), entry))
            }
        }
    }

    private func apply(_ override: String) throws {
        let location = ConfigError.overridePrefix + override
        guard let equals = override.firstIndex(of: "="),
            (1...2).contains(
                override[..<equals].split(separator: ".", omittingEmptySubsequences: false).count)
        else {
            throw ConfigError(
                location, "is not of the form section.key=value",
                remedy: "write for example --set run.steps=100")
        }
        let path = String(override[..<equals])
        let value = String(override[override.index(after: equals)...])
        // A value that is no YAML may be a text; for any other setting it is a wrong value.
        let node = (try? Self.compose(value, named: location) { _ in location }) ?? Node(value)
        entries.removeAll { $0.path == path }
        entries.append((path, location, Entry(node: node, location: location, literal: value)))
    }

    // MARK: Values

    /// Names the sections that a config may have, in the order in which errors list them, and the keys outside them.
    public func declare(sections: [String], keys: [String]) {
        self.sections = sections
        topKeys = keys
        for name in sections { known[name] = [] }
    }

    /// A section, to read typed values from.
    public func section(_ name: String) -> ConfigSection {
        ConfigSection(document: self, name: name)
    }

    /// The keys outside the sections.
    public var top: ConfigSection { ConfigSection(document: self, name: "") }

    /// The path of a key: `section.key`, or `key` outside the sections.
    static func path(_ section: String, _ key: String) -> String {
        section.isEmpty ? key : "\(section).\(key)"
    }

    /// The value of a key, or nil where it is not given.
    func entry(_ section: String, _ key: String) -> Entry? {
        if !known[section, default: []].contains(key) { known[section, default: []].append(key) }
        return entries.last { $0.path == Self.path(section, key) }?.entry
    }

    /// Whether a value is given for a key, which need not be known.
    public func holds(_ path: String) -> Bool { entries.contains { $0.path == path } }

    /// Notes that keys have a use only with another setting, so that ``checkKeys()`` can tell whoever gives them.
    func noteUse(of keys: [String], in section: String, with other: String) {
        for key in keys { uses["\(section).\(key)"] = other }
    }

    /// Notes that a required key is not given, so that ``checkKeys()`` can report it.
    func noteMissing(_ section: String, _ key: String) {
        guard missing == nil else { return }
        missing = ConfigError(
            sectionLocations[section] ?? file, "'\(section).\(key)' is missing",
            remedy: "add it to the section '\(section)'")
    }

    /// Whether an override gives the value of a key.
    public func isOverridden(_ path: String) -> Bool {
        location(of: path).hasPrefix(ConfigError.overridePrefix)
    }

    /// Where the value of a key was given, for errors that are found later.
    public func location(of path: String) -> String {
        entries.last { $0.path == path }?.entry.location ?? file
    }

    /// Checks that every key was asked for, and every required key given.
    /// - Throws: ``ConfigError`` at the first section or key that nobody asked for, or else for the
    ///   first required key that is missing: one that is misspelt is both, and its place says more.
    public func checkKeys() throws(ConfigError) {
        try refuseUnknownKeys()
        if let missing { throw missing }
    }

    private func refuseUnknownKeys() throws(ConfigError) {
        for (name, location) in sectionLocations.sorted(by: { $0.key < $1.key })
        where known[name] == nil {
            throw ConfigError(
                location, "unknown section '\(name)'",
                remedy: "known are \(sections.joined(separator: ", "))")
        }
        for (path, location, entry) in entries {
            let parts = path.split(
                separator: ".", maxSplits: 1, omittingEmptySubsequences: false
            ).map(String.init)
            if parts.count == 1 {
                try refuseUnknownTop(path, location, entry)
                continue
            }
            guard let keys = known[parts[0]] else {
                throw ConfigError(
                    location, "unknown section '\(parts[0])'",
                    remedy: "known are \(sections.joined(separator: ", "))")
            }
            guard keys.contains(parts[1]) else {
                if let use = uses[path] {
                    throw ConfigError(
                        location, "'\(path)' has no use without \(use)",
                        remedy: "remove it, or choose that")
                }
                throw ConfigError(
                    location, "unknown key '\(path)'",
                    remedy: "'\(parts[0])' knows \(keys.joined(separator: ", "))")
            }
        }
    }

    private func refuseUnknownTop(
        _ key: String, _ location: String, _ entry: Entry
    ) throws(ConfigError) {
        guard !topKeys.contains(key) else { return }
        guard !sections.contains(key) else {
            throw ConfigError(
                entry.location, "'\(key)' must be a section of keys",
                remedy: "write its keys on the lines below it, indented")
        }
        let keys = topKeys.map { $0 + ", " }.joined()
        throw ConfigError(
            location, "unknown key or section '\(key)'",
            remedy: "known are \(keys)\(sections.joined(separator: ", "))")
    }
}
