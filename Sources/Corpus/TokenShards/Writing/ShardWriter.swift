import Storage

/// Writes one shard: frames one after another, then the seek table.
final class ShardWriter {
    private let name: String
    private let frameTokens: Int
    private let output: OutputFile
    private var table = SeekTable()
    private var hash = XXH64()
    private var bytes = 0
    /// The number of tokens in the frames so far.
    private(set) var tokens = 0

    init(_ name: String, in dataset: StagedDataset, frameTokens: Int) throws {
        self.name = name
        self.frameTokens = frameTokens
        output = try dataset.create(name)
    }

    /// Adds a frame of `count` tokens.
    func append(_ frame: UnsafeRawBufferPointer, tokens count: Int, checksum: UInt32) throws {
        table.frames.append(
            SeekTable.Frame(
                bytes: UInt32(frame.count), tokens: UInt32(count), checksum: checksum))
        try write(frame)
        tokens += count
    }

    /// Completes the shard and makes it durable.
    func finish() throws -> ShardIndex.Shard {
        try table.encoded.withUnsafeBytes { try write($0) }
        try output.sync()
        return ShardIndex.Shard(
            name: name, tokens: tokens, bytes: bytes, hash: hash.digest(), frameTokens: frameTokens)
    }

    private func write(_ part: UnsafeRawBufferPointer) throws {
        try output.write(part)
        hash.update(part)
        bytes += part.count
    }
}
