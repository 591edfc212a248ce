import Diagnostics
import FixedPoint
import Storage

/// The share of the training tokens, at their end, that becomes the validation split.
public struct ValidationFraction: Equatable, Sendable {
    private static let scale: Int64 = 1_000_000_000
    /// The share in units of 1 / `scale`, between 0 and `scale`, both excluded.
    private let parts: Int64

    /// Reads a decimal text such as `0.01`; nil where it is not between 0 and 1.
    public init?(_ text: String) {
        guard text.prefix(while: { $0 != "." }).allSatisfy({ $0 == "0" }),
            let parts = DecimalText.parse(text, scale: Self.scale),
            (1..<Self.scale).contains(parts)
        else { return nil }
        self.parts = parts
    }

    /// This share of `count`, rounded down.
    func of(_ count: Int) -> Int {
        let product = count.multipliedFullWidth(by: Int(parts))
        return Int(Self.scale).dividingFullWidth(product).quotient  // < count
    }
}

/// Moves the end of a written training split into the validation split.
///
/// The cut is known only once the text has ended, and the text may come from a pipe: so the shards
/// from the cut on are read back and written again. Memory: a few frames.
struct ValidationCut {
    let dataset: StagedDataset
    let layout: ShardLayout
    /// The threads that compress each of the two.
    let threads: Int

    /// Cuts off the last `fraction` of `whole`.
    /// - Throws: ``ShardError`` when that is not even one token.
    func divide(
        _ whole: ShardIndex.Part, _ fraction: ValidationFraction
    ) throws -> (train: ShardIndex.Part, validation: ShardIndex.Part) {
        let count = fraction.of(whole.tokens)
        guard count > 0 else {
            throw ShardError(
                dataset.directory,
                "the validation fraction of \(whole.tokens.counted("token")) is less than one token",
                remedy: "pass a larger --validation-fraction or a longer text")
        }
        let cut = whole.tokens - count
        let kept = cut / layout.shardTokens  // shards before the one with the cut
        let tail = try setAside(whole.shards, from: kept)
        let head = try SplitWriter(
            .train, to: dataset, layout: layout, threads: threads, firstShard: kept)
        var rest = TailWriter(
            try SplitWriter(.validation, to: dataset, layout: layout, threads: threads))
        var ahead = cut - kept * layout.shardTokens
        for shard in tail {
            try ShardFile(shard, path: dataset.temporaryPath(shard.name)).forEachFrame { tokens in
                let here = min(ahead, tokens.count)
                ahead -= here
                try head.append(UnsafeRawBufferPointer(rebasing: tokens[..<here]))
                try rest.append(UnsafeRawBufferPointer(rebasing: tokens[here...]))
            }
            try dataset.remove(shard.name)
        }
        let validation = try rest.tokens.finish()
        let train = ShardIndex.Part(
            tokens: cut, documents: whole.documents - validation.documents + rest.addedDocuments,
            shards: whole.shards[..<kept] + (try head.finish().shards))
        return (train, validation)
    }

    /// The shards from number `first` on, of which the first gets a name that no shard has, since its
    /// own will be written again.
    private func setAside(
        _ shards: [ShardIndex.Shard], from first: Int
    ) throws -> [ShardIndex.Shard] {
        var tail = Array(shards[first...])
        let name = Split.train.shardName(shards.count)
        try dataset.rename(tail[0].name, to: name)
        tail[0].name = name
        return tail
    }
}

/// Writes the validation split, beginning a document where the cut left the middle of one.
private struct TailWriter {
    let tokens: SplitWriter
    /// The number of documents that the tail adds: 1 where a separator was added, else 0.
    private(set) var addedDocuments = 0

    init(_ tokens: SplitWriter) { self.tokens = tokens }

    mutating func append(_ more: UnsafeRawBufferPointer) throws {
        guard let first = more.first else { return }
        if tokens.tokens == 0 && first != ByteTokenizer.documentSeparator {
            try tokens.append(ByteTokenizer.documentSeparator)
            addedDocuments = 1
        }
        try tokens.append(more)
    }
}
