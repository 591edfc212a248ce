import RecurrentLM

/// What ``RowOwners`` decides, and how often rows were read, from the definition.
struct PlainRowOwners {
    /// The tag of each row's owner, 0 without one; how firmly it holds the row; and how often it has read it.
    private(set) var tags, strengths, readings: [Int]

    /// Begins with the owners that a table has.
    init(_ table: ContextTable) {
        tags = table.tags.map(Int.init)
        strengths = tags.map { $0 == 0 ? 0 : 16 }
        readings = tags.map { _ in 0 }
    }

    /// Counts a reading of a context: its row, and whether it has just got it; nil where it has none.
    mutating func read(_ hash: UInt32) -> (row: Int, isNew: Bool)? {
        let first = 4 * ((Int(hash) * (tags.count / 4)) >> 32)
        let rows = first..<first + 4
        let tag = max(1, Int(hash) % 256)
        if let row = rows.first(where: { tags[$0] == tag }) {
            strengths[row] = min(255, strengths[row] + 1)
            readings[row] = min(65535, readings[row] + 1)
            return (row, false)
        }
        guard let weakest = rows.min(by: { strengths[$0] < strengths[$1] }) else { return nil }
        if strengths[weakest] > 0 {
            strengths[weakest] -= 1
            return nil
        }
        (tags[weakest], strengths[weakest], readings[weakest]) = (tag, 1, 1)
        return (weakest, true)
    }
}
