import Storage

extension ShardSet {
    /// Reads everything and compares it with the index: the hash of each file, the size and the
    /// checksum of each frame, and the number of documents.
    ///
    /// Reading alone finds all damage that changes a token. This also finds damage that does not,
    /// such as another way to store the same tokens.
    /// - Throws: ``ShardError`` naming the shard, or `FileError`.
    public func verify() throws {
        for split in Split.allCases {
            var documents = 0
            for (shard, entry) in zip(sequence(split).shards, index[split].shards) {
                try Self.verifyHash(shard.path, entry.hash)
                try shard.forEachFrame { documents += ByteTokenizer.documentCount($0) }
            }
            let expected = index[split].documents
            guard documents == expected else {
                throw ShardError(
                    directory,
                    "'\(split.rawValue)' holds \(documents) documents, the index says \(expected)")
            }
        }
    }

    private static func verifyHash(_ path: String, _ expected: UInt64) throws {
        let file = try InputFile(path)
        var hash = XXH64()
        var chunk = [UInt8](repeating: 0, count: 1 << 17)
        while true {
            let count = try file.readNext(into: &chunk)
            if count == 0 { break }
            chunk.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        guard hash.digest() == expected else {
            throw ShardError(path, "its bytes have another hash than the index says")
        }
    }
}
