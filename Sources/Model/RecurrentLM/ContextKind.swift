/// A part of the text before a token, whose hash chooses a row of the context table.
public enum ContextKind: Hashable, Sendable {
    /// The last so many bytes, 1 to 7, with the token itself.
    case bytes(Int)
    /// The letters since the last byte that is none; that byte where there are none.
    case word
    /// The same together with the word before.
    case wordPair

    /// The values of ``bytes(_:)``: as many as fit the hash beside their number.
    public static let byteRange = 1...7

    /// Reads what ``name`` gives; nil for any other text.
    public init?(name: some StringProtocol) {
        switch name {
        case "word": self = .word
        case "word-pair": self = .wordPair
        default:
            guard let count = Int(name), Self.byteRange.contains(count), "\(count)" == name else {
                return nil
            }
            self = .bytes(count)
        }
    }

    /// The kind as a config and a model file name it: `3`, `word` or `word-pair`.
    public var name: String {
        switch self {
        case .bytes(let count): "\(count)"
        case .word: "word"
        case .wordPair: "word-pair"
        }
    }

    /// What tells the hashes of one kind from those of another: the number of bytes, or a number above all of them.
    var salt: UInt64 {
        switch self {
        case .bytes(let count): UInt64(count)
        case .word: 16
        case .wordPair: 17
        }
    }
}

extension [ContextKind] {
    /// The kinds in a list such as `2, 3, word`; nil where a part names none.
    public init?(list: String) {
        self.init()
        for part in list.split(separator: ",", omittingEmptySubsequences: false) {
            let start = part.drop { $0 == " " }
            guard let last = start.lastIndex(where: { $0 != " " }),
                let kind = ContextKind(name: start[...last])
            else { return nil }
            append(kind)
        }
    }

    /// The names of the kinds, divided by commas.
    public var list: String { map(\.name).joined(separator: ", ") }
}
