import Storage

/// The content of `index.json`: what a shard directory holds.
public struct ShardIndex: Equatable, Sendable {
    /// The name of the file within the directory.
    public static let fileName = "index.json"
    static let format = "egg-token-shards"
    static let version = 2
    /// The first version whose text holds its own checksum.
    static let firstSealedVersion = 2
    static let seal = TextSeal(opening: #"{"\#(checksumKey)":""#)
    private static let checksumKey = "checksum"

    /// One shard file.
    public struct Shard: Equatable, Sendable {
        /// The name of the file.
        public internal(set) var name: String
        /// The number of tokens that it holds, at least 1.
        public let tokens: Int
        /// The bytes of the file.
        public let bytes: Int
        /// XXH64 of the file's bytes.
        public let hash: UInt64
        /// The tokens of each frame but the last, which holds 1 to this many.
        public let frameTokens: Int
    }

    /// One split: its shards in order.
    public struct Part: Equatable, Sendable {
        /// The number of tokens, document separators included.
        public let tokens: Int
        /// The number of documents, which is the number of separators.
        public let documents: Int
        /// The shards in order.
        public let shards: [Shard]

        static let empty = Part(tokens: 0, documents: 0, shards: [])
    }

    /// The training split.
    public let train: Part
    /// The validation split; it is empty where the data set has no validation tokens.
    public let validation: Part

    /// The part of a split.
    public subscript(split: Split) -> Part {
        switch split {
        case .train: train
        case .validation: validation
        }
    }

    /// The text of `index.json`, its checksum in place.
    var json: [UInt8] {
        let splits = Split.allCases.map { JSONValue.Member($0.rawValue, self[$0].json) }
        let index = JSONValue.object([
            .init(Self.checksumKey, .string(TextSeal.blank)),
            .init("format", .string(Self.format)),
            .init("version", .integer(Self.version)),
            .init("tokenizer", .string(ByteTokenizer.name)),
            .init("vocabulary", .integer(ByteTokenizer.vocabulary)),
            .init("splits", .object(splits)),
        ])
        var text = Array((index.text + "\n").utf8)
        Self.seal.seal(&text)
        return text
    }
}

extension ShardIndex.Part {
    fileprivate var json: JSONValue {
        .object([
            .init("tokens", .integer(tokens)),
            .init("documents", .integer(documents)),
            .init("shards", .array(shards.map(\.json))),
        ])
    }
}

extension ShardIndex.Shard {
    fileprivate var json: JSONValue {
        .object([
            .init("name", .string(name)),
            .init("tokens", .integer(tokens)),
            .init("bytes", .integer(bytes)),
            .init("hash", .string(XXH64.hex(hash))),
            .init("frameTokens", .integer(frameTokens)),
        ])
    }
}
