import CLibrary
import Storage

/// Cuts a stream of tokens into frames and shards of one split.
///
/// Memory: two frames and the seek table of one shard.
final class SplitWriter {
    private let split: Split
    private let layout: ShardLayout
    private let dataset: StagedDataset
    private let encoder: FrameEncoder
    /// The frame being filled: `filled` of `layout.frameTokens` tokens.
    private var frame: [UInt8]
    private var filled = 0
    private let firstShard: Int
    private var shard: ShardWriter?
    private var shards: [ShardIndex.Shard] = []
    private var documents = 0
    /// The number of tokens given so far.
    private(set) var tokens = 0

    /// Begins a split; `firstShard` is the number of the first shard written, for a split whose earlier shards
    /// exist.
    init(
        _ split: Split, to dataset: StagedDataset, layout: ShardLayout, firstShard: Int = 0
    ) throws {
        self.split = split
        self.layout = layout
        self.dataset = dataset
        self.firstShard = firstShard
        encoder = try FrameEncoder(frameTokens: layout.frameTokens, level: layout.level)
        frame = [UInt8](repeating: 0, count: layout.frameTokens)
    }

    /// Adds tokens, any number at a time.
    func append(_ more: UnsafeRawBufferPointer) throws {
        var rest = more
        while let source = rest.baseAddress, !rest.isEmpty {
            let shardRoom = layout.shardTokens - (shard?.tokens ?? 0)
            let frameSize = min(layout.frameTokens, shardRoom)
            let count = min(rest.count, frameSize - filled)
            frame.withUnsafeMutableBytes { buffer in
                if let target = buffer.baseAddress { memcpy(target + filled, source, count) }
            }
            filled += count
            tokens += count
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if filled == frameSize { try flushFrame() }
        }
    }

    func append(_ token: UInt8) throws {
        try withUnsafeBytes(of: token) { try append($0) }
    }

    /// Completes the last shard.
    /// - Returns: What was written, for the index.
    func finish() throws -> ShardIndex.Part {
        if filled > 0 { try flushFrame() }
        try finishShard()
        return ShardIndex.Part(tokens: tokens, documents: documents, shards: shards)
    }

    private func flushFrame() throws {
        let current = try shard ?? beginShard()
        let count = filled
        try frame.withUnsafeBytes { buffer in
            let tokens = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            documents += ByteTokenizer.documentCount(tokens)
            try encoder.encode(tokens) { bytes, checksum in
                try current.append(bytes, tokens: count, checksum: checksum)
            }
        }
        filled = 0
        if current.tokens == layout.shardTokens { try finishShard() }
    }

    private func beginShard() throws -> ShardWriter {
        let number = firstShard + shards.count
        guard number < ShardLayout.maximumShards else {
            throw ShardError(
                dataset.directory,
                "the text needs more than \(ShardLayout.maximumShards) shards of "
                    + "\(layout.shardTokens) tokens",
                remedy: "pass a larger --shard-tokens")
        }
        let writer = try ShardWriter(
            split.shardName(number), in: dataset, frameTokens: layout.frameTokens)
        shard = writer
        return writer
    }

    private func finishShard() throws {
        guard let current = shard else { return }
        shards.append(try current.finish())
        shard = nil
    }
}
