import Storage

extension StagedDataset {
    /// Whether a data set may replace or remove a file of that name in its directory: a shard, the index, or what either is
    /// called until it is complete.
    public static func replaces(_ name: String) -> Bool {
        let suffix = AtomicFile.suffix
        let final = name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
        return final == ShardIndex.fileName || Split.isShardName(final)
    }
}
