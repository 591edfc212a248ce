/// The two parts of a data set.
public enum Split: String, CaseIterable, Sendable {
    /// The tokens that a run learns from, and those that it is measured on.
    case train, validation

    /// The file name of shard `number` of this split, from 0: `train-00000.tokens.zst`.
    /// - Precondition: `number` in 0..<``ShardLayout/maximumShards``.
    public func shardName(_ number: Int) -> String {
        let digits = String(number)
        let padding = String(repeating: "0", count: max(0, 5 - digits.count))
        return "\(rawValue)-\(padding)\(digits)\(Self.shardSuffix)"
    }

    /// Whether `name` has the form that ``shardName(_:)`` gives, for any split and number.
    public static func isShardName(_ name: String) -> Bool {
        guard name.hasSuffix(shardSuffix) else { return false }
        let parts = name.dropLast(shardSuffix.count).split(
            separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, Split(rawValue: String(parts[0])) != nil else { return false }
        return parts[1].utf8.count == 5
            && parts[1].utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static let shardSuffix = ".tokens.zst"
}
