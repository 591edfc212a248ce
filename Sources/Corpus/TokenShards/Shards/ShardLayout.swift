import Diagnostics

/// How tokens are cut into shards and frames, and how hard they are compressed.
public struct ShardLayout: Equatable, Sendable {
    /// Tokens in a shard; the last shard of a split may hold fewer.
    public let shardTokens: Int
    /// Tokens in a frame, the unit of random access; the last frame of a shard may hold fewer.
    public let frameTokens: Int
    /// zstd compression level.
    public let level: Int

    public static let `default` = ShardLayout(
        uncheckedShardTokens: 100_000_000, frameTokens: 65_536, level: 3)

    public static let shardTokensRange = 1...(1 << 44)
    /// Bounds what a reader allocates for a frame.
    public static let frameTokensRange = 1...(1 << 24)
    public static let levelRange = 1...22
    /// Bounds the seek table of a shard to 12 MiB.
    public static let maximumFramesPerShard = 1 << 20
    /// Shards of a split; their numbers have five digits.
    public static let maximumShards = 100_000

    /// - Throws: ``LayoutError`` where a value is out of its range or the values do not go together.
    public init(shardTokens: Int, frameTokens: Int, level: Int) throws(LayoutError) {
        try Self.check("shard-tokens", shardTokens, in: Self.shardTokensRange)
        try Self.check("frame-tokens", frameTokens, in: Self.frameTokensRange)
        try Self.check("level", level, in: Self.levelRange)
        let frames = (shardTokens - 1) / frameTokens + 1
        guard frames <= Self.maximumFramesPerShard else {
            throw LayoutError(
                location: "frame-tokens",
                finding:
                    "\(shardTokens) tokens of a shard make \(frames) frames of \(frameTokens), "
                    + "more than \(Self.maximumFramesPerShard)",
                remedy: "make frames larger or shards smaller")
        }
        self.init(uncheckedShardTokens: shardTokens, frameTokens: frameTokens, level: level)
    }

    private init(uncheckedShardTokens shardTokens: Int, frameTokens: Int, level: Int) {
        self.shardTokens = shardTokens
        self.frameTokens = frameTokens
        self.level = level
    }

    private static func check(
        _ name: String, _ value: Int, in range: ClosedRange<Int>
    ) throws(LayoutError) {
        guard range.contains(value) else {
            throw LayoutError(
                location: name, finding: "\(value) is out of range",
                remedy: "give \(range.lowerBound) to \(range.upperBound)")
        }
    }
}

/// A ``ShardLayout`` value that cannot be used; `location` is its name, for example `frame-tokens`.
public struct LayoutError: UserError {
    public let location: String
    public let finding: String
    public let remedy: String
}
