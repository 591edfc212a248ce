import Diagnostics
import Storage

extension ShardSet {
    /// Compares the bytes of every shard with their hash in the index.
    ///
    /// ``contentHash(_:)`` comes from the seek tables: only after this is it known to be right.
    /// - Throws: ``ShardError`` naming the shard, or `FileError`.
    public func verifyFiles() throws {
        for split in Split.allCases {
            for shard in sequence(split).shards { try shard.verifyOnce() }
        }
    }

    /// Reads everything and compares it with the index: the hash of each file, the size and the
    /// checksum of each frame, and the number of documents.
    ///
    /// Reading alone finds a changed byte in the files that it reads. This reads all of them, and counts
    /// the documents.
    /// - Throws: ``ShardError`` naming the shard, or `FileError`.
    public func verify() throws {
        for split in Split.allCases {
            var documents = 0
            for shard in sequence(split).shards {
                try shard.forEachFrame { documents += ByteTokenizer.documentCount($0) }
            }
            let expected = index[split].documents
            guard documents == expected else {
                throw ShardError(
                    directory,
                    "'\(split.rawValue)' holds \(documents.counted("document")), the index says \(expected)"
                )
            }
        }
    }
}
