import Diagnostics

/// How tokens are cut into shards and frames, and how hard they are compressed.
public struct ShardLayout: Equatable, Sendable {
    /// The tokens of a shard; the last shard of a split may hold fewer.
    public let shardTokens: Int
    /// The tokens of a frame, the unit of random access; the last frame of a shard may hold fewer.
    public let frameTokens: Int
    /// The zstd compression level.
    public let level: Int

    /// Shards of 100,000,000 tokens in frames of 65,536, at level 1: texts take 6 % more room than at level 3, and most
    /// of the time that tokenising takes is libzstd's.
    public static let `default` = ShardLayout(
        uncheckedShardTokens: 100_000_000, frameTokens: 65_536, level: 1)

    /// The values that ``shardTokens`` may have.
    public static let shardTokensRange = 1...(1 << 44)
    /// The values that ``frameTokens`` may have, which bound what a reader allocates for a frame.
    public static let frameTokensRange = 1...(1 << 24)
    /// The values that ``level`` may have.
    public static let levelRange = 1...22
    /// The most frames of a shard, which bound its seek table to 12 MiB.
    public static let maximumFramesPerShard = 1 << 20
    /// The most shards of a split; their numbers have five digits.
    public static let maximumShards = 100_000

    /// Makes a layout.
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
    /// The name of the value, such as `frame-tokens`.
    public let location: String
    /// What was found there.
    public let finding: String
    /// What to do about it.
    public let remedy: String
}
