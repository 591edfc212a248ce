import IntegerTensor

/// What the steps of the last second or two did: one step alone may be shorter than a turn of another program.
struct RecentRate {
    private struct Work {
        var microseconds = 0
        var tokens = 0
        var multiplyAccumulates = 0
    }

    /// The work of the second that is over, and of the one that has begun.
    private var before = Work()
    private var now = Work()

    private static let second = 1_000_000

    mutating func add(tokens: Int, multiplyAccumulates: Int, microseconds: Int) {
        if now.microseconds >= Self.second { (before, now) = (now, Work()) }
        now.microseconds += microseconds
        now.tokens += tokens
        now.multiplyAccumulates += multiplyAccumulates
    }

    var tokensPerSecond: Int { rate(\.tokens) }
    var multiplyAccumulatesPerSecond: Int { rate(\.multiplyAccumulates) }

    private func rate(_ count: KeyPath<Work, Int>) -> Int {
        Stopwatch.perSecond(
            before[keyPath: count] + now[keyPath: count],
            microseconds: before.microseconds + now.microseconds)
    }
}
