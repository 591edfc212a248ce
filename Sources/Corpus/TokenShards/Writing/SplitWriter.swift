import Storage

/// Cuts a stream of tokens into frames and shards of one split.
///
/// The frames are compressed on several threads and written in their order, so that the shards do not depend on them.
/// Memory: two frames for each thread, and the seek table of one shard.
final class SplitWriter {
    /// The most tokens in the frames that are compressed at the same time.
    private static let mostTokensAtOnce = 1 << 22

    private let split: Split
    private let layout: ShardLayout
    private let dataset: StagedDataset
    /// The frame that is being filled, after those that were handed over, the oldest of which comes next in the circle.
    private var slots: [FrameSlot]
    private var current = 0
    private let mostSlots: Int
    /// The tokens of the shard being filled, without the frame that is being filled.
    private var tokensInShard = 0
    private let firstShard: Int
    private var shard: ShardWriter?
    private var shards: [ShardIndex.Shard] = []
    private var documents = 0
    /// The number of tokens given so far.
    private(set) var tokens = 0

    /// Begins a split.
    /// - Parameters:
    ///   - threads: The threads that compress, where there are more than 1; they are started when they are needed.
    ///   - firstShard: The number of the first shard written, for a split whose earlier shards exist.
    init(
        _ split: Split, to dataset: StagedDataset, layout: ShardLayout, threads: Int,
        firstShard: Int = 0
    ) throws {
        self.split = split
        self.layout = layout
        self.dataset = dataset
        self.firstShard = firstShard
        mostSlots = max(1, min(threads, Self.mostTokensAtOnce / layout.frameTokens))
        slots = [try FrameSlot(layout, hasThread: mostSlots > 1)]
    }

    /// Adds tokens, any number at a time.
    func append(_ more: UnsafeRawBufferPointer) throws {
        var rest = more
        while !rest.isEmpty {
            let slot = slots[current]
            let frameSize = min(layout.frameTokens, layout.shardTokens - tokensInShard)
            let count = min(rest.count, frameSize - slot.filled)
            slot.append(UnsafeRawBufferPointer(rebasing: rest[..<count]))
            tokens += count
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if slot.filled == frameSize { try endFrame() }
        }
    }

    func append(_ token: UInt8) throws {
        try withUnsafeBytes(of: token) { try append($0) }
    }

    /// Completes the last shard.
    /// - Returns: What was written, for the index.
    func finish() throws -> ShardIndex.Part {
        if slots[current].filled > 0 { try endFrame() }
        for place in slots.indices { try write(slots[(current + place) % slots.count]) }
        try finishShard()
        return ShardIndex.Part(tokens: tokens, documents: documents, shards: shards)
    }

    /// Hands the frame over and has an empty one to be filled.
    private func endFrame() throws {
        tokensInShard = (tokensInShard + slots[current].filled) % layout.shardTokens
        slots[current].compress()
        current = (current + 1) % mostSlots
        if current == slots.count {
            slots.append(try FrameSlot(layout, hasThread: true))
        } else {
            try write(slots[current])
        }
    }

    /// Writes the frame of a slot that was handed over.
    private func write(_ slot: FrameSlot) throws {
        guard slot.isPending else { return }
        try slot.take { tokens, frame in
            let current = try shard ?? beginShard()
            documents += ByteTokenizer.documentCount(tokens)
            try current.append(
                frame, tokens: tokens.count, checksum: FrameHeader.storedChecksum(frame))
            if current.tokens == layout.shardTokens { try finishShard() }
        }
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
