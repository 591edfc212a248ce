import Storage
import Testing

/// Token shards that `pretrain` must refuse, before or while it reads them.
@Suite struct BadDataTests {
    @Test(arguments: places + indexes + files)
    func isRefused(_ input: BadInput) throws { try input.check() }

    private static let arguments = ["--config", "run.yaml", "--output", "out"]
    private static let first = "shards/train-00000.tokens.zst"
    private static let rebuild = "make the shards again with tokenize"

    /// A change of the directory of shards.
    private static func damage(
        _ name: String, _ fragments: [String],
        _ change: @escaping @Sendable (Workspace) throws -> Void
    ) -> BadInput {
        BadInput(name: name, command: .pretrain, code: 1, fragments: fragments) { workspace in
            try workspace.prepareRunWithOwnShards()
            try change(workspace)
            return arguments
        }
    }

    /// A change of the text of the index.
    private static func index(
        _ name: String, _ old: String, _ new: String, _ fragments: String...
    ) -> BadInput {
        damage(name, ["shards/index.json: "] + fragments) {
            try $0.replace("shards/index.json", old, with: new)
        }
    }

    /// A change of the bytes of the first training shard, of the same length or not.
    private static func shard(
        _ name: String, _ fragments: String...,
        change: @escaping @Sendable (inout [UInt8]) -> Void
    ) -> BadInput {
        damage(name, [first] + fragments) { try $0.edit(first, change) }
    }

    static let places: [BadInput] = [
        damage(
            "no directory", ["shards: ", "no such directory", "tokenize TEXT", "--output shards"]
        ) {
            try Files.removeTree($0["shards"])
        },
        damage(
            "a file as directory",
            ["shards: is not a directory of token shards, but a file", "tokenize"]
        ) {
            try Files.removeTree($0["shards"])
            try $0.write("shards", "text")
        },
        damage("no index", ["shards: ", "it has no index.json", "tokenize"]) {
            try Files.remove($0["shards/index.json"])
        },
        damage("no shard", ["shards/train-00001.tokens.zst: ", "no such file", "check the path"]) {
            try Files.remove($0["shards/train-00001.tokens.zst"])
        },
        BadInput(
            name: "too few tokens", command: .pretrain, code: 1,
            fragments: [
                "shards: ", "'train' of 47503 tokens is too short for 16 streams",
                "segments of 3000, which need 48016", "longer text, or use fewer streams",
            ]
        ) { workspace in
            try workspace.prepareRun()
            return arguments + ["--set", "population.segmentTokens=3000"]
        },
    ]

    static let indexes: [BadInput] = [
        index("index of another version", #""version":2"#, #""version":3"#, "format version 3"),
        index("index of another format", "egg-token-shards", "egg-shell", "is not the index"),
        index("index of another tokenizer", #""bytes","vocab"#, #""words","vocab"#, "'words'"),
        index(
            "index that is no JSON", #"{"checksum""#, #"{"checksum"#, "is not valid JSON", rebuild),
        index("wrong sum of tokens", #""tokens":20000"#, #""tokens":20001"#, "'tokens' of split"),
        index("a name elsewhere", "train-00000", "../../train-0", "lists the shard '../../train-0"),
        index("a hash that is none", #""hash":""#, #""hash":"x"#, "hash", "hex digits", rebuild),
        index("no frames", #""frameTokens":2048"#, #""frameTokens":0"#, "'frameTokens'", "is 0"),
        index("frames of other sizes", "Tokens\":2048", "Tokens\":4096", "checksum", rebuild),
        index("a token count beyond all bounds", #""tokens":20000"#, #""tokens":9e99"#, "tokens"),
        damage("empty index", ["shards/index.json: ", "is not valid JSON"]) {
            try $0.write("shards/index.json", "")
        },
    ]

    static let files: [BadInput] = [
        shard("cut to nothing", ": has 0 bytes, the index says", rebuild) { $0 = [] },
        shard("cut within the first frame", ": has 9 bytes, the index says", rebuild) {
            $0.removeLast($0.count - 9)
        },
        shard("cut in the middle", "the index says", rebuild) { $0.removeLast($0.count / 2) },
        shard("cut in the seek table", "the index says", rebuild) { $0.removeLast(30) },
        shard("cut in the footer", "the index says", rebuild) { $0.removeLast(3) },
        shard("longer than listed", "the index says", rebuild) { $0.append(0) },
        shard("damaged footer", "does not end with a seek table", rebuild) {
            $0[$0.count - 1] ^= 1
        },
        shard("damaged descriptor", "no checksums or sets reserved bits") {
            $0[$0.count - 5] ^= 4
        },
        shard("damaged frame count", "frames, the index says 10") { $0[$0.count - 9] ^= 1 },
        shard("damaged size in the seek table", ": its frames take", rebuild) {
            $0[$0.count - 9 - 12 * 10] ^= 1
        },
        shard("damaged tokens in the seek table", ": frame 9: is listed with") {
            $0[$0.count - 9 - 8] ^= 1
        },
    ]
}
