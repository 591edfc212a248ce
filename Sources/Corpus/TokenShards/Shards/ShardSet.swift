import Storage

/// A directory of token shards, opened for reading.
///
/// Opening checks the index, the size of every shard and every seek table; reading checks each
/// frame's size and checksum. ``verify()`` checks all the rest.
public struct ShardSet: Sendable {
    /// The path of the directory.
    public let directory: String
    /// What the directory holds.
    public let index: ShardIndex
    private let train: ShardSequence
    private let validation: ShardSequence

    /// Opens a directory and checks it as far as said above.
    /// - Throws: ``ShardError`` naming the file that is wrong, or `FileError`.
    public init(directory: String) throws {
        self.directory = directory
        index = try ShardIndex(directory: directory)
        train = try ShardSequence(index.train, directory: directory)
        validation = try ShardSequence(index.validation, directory: directory)
    }

    /// The number of tokens of a split, document separators included.
    public func tokenCount(_ split: Split) -> Int { index[split].tokens }

    /// Copies `count` tokens of a split, from token `position` on, to the start of `buffer`.
    ///
    /// For reads one after another, ``SegmentReader`` is faster: this decodes whole frames each time.
    /// - Precondition: `buffer` holds at least `count` bytes.
    /// - Throws: ``ShardError`` where the tokens are not there or a frame is damaged, or `FileError`.
    public func read(
        _ split: Split, at position: Int, count: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws {
        let total = tokenCount(split)
        guard position >= 0, count >= 0, position <= total, count <= total - position else {
            throw ShardError(
                directory, "has no \(count) tokens at token \(position) of '\(split.rawValue)'",
                remedy: "stay within its \(total) tokens")
        }
        precondition(count <= buffer.count, "the buffer is too small")
        let cursor = try TokenCursor(sequence(split))
        try cursor.copy(
            from: position, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
    }

    /// A hash over the tokens of a split, from the seek tables: XXH64 over the token count and the
    /// checksum of each frame.
    ///
    /// It is equal for equal tokens in frames of equal sizes, however they are compressed and
    /// whatever their shards are called.
    public func contentHash(_ split: Split) -> UInt64 {
        var hash = XXH64()
        for shard in sequence(split).shards { shard.addContent(to: &hash) }
        return hash.digest()
    }

    func sequence(_ split: Split) -> ShardSequence {
        switch split {
        case .train: train
        case .validation: validation
        }
    }
}

/// The shards of a split, one after another.
struct ShardSequence: Sendable {
    let shards: [ShardFile]
    /// The position in the split of each shard's first token: [shards].
    private let starts: [Int]

    init(_ part: ShardIndex.Part, directory: String) throws {
        shards = try part.shards.map { try ShardFile($0, path: Paths.join(directory, $0.name)) }
        var start = 0
        starts = shards.map { shard in
            defer { start += shard.tokens }
            return start
        }
    }

    /// The shard that holds the token at `position`, and the token's place within it.
    func locate(_ position: Int) -> (shard: Int, offset: Int) {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= position { low = middle } else { high = middle }
        }
        return (low, position - starts[low])
    }
}
