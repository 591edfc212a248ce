import FixedPoint
import TokenShards

/// The line that says what was made.
enum Summary {
    static func text(of index: ShardIndex, in directory: String, textBytes: Int) -> String {
        let stored = Split.allCases.flatMap { index[$0].shards }.reduce(0) { $0 + $1.bytes }
        let ratio = DecimalText.format(Int64(textBytes), over: Int64(stored), decimals: 2)
        let parts = Split.allCases.filter { index[$0].tokens > 0 }.map { text(of: index[$0], $0) }
        return "\(directory): " + parts.joined(separator: "; ")
            + "; \(stored) bytes, \(ratio) bytes of text to one"
    }

    private static func text(of part: ShardIndex.Part, _ split: Split) -> String {
        "\(split.rawValue) \(count(part.tokens, "token")) in "
            + "\(count(part.documents, "document")) and \(count(part.shards.count, "shard"))"
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
