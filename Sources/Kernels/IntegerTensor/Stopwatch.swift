import FixedPoint

/// Measures times in whole microseconds. They are for display only: no result depends on them.
public enum Stopwatch {
    /// The time that `body` took.
    public static func microseconds(_ body: () -> Void) -> Int { timed(body).microseconds }

    /// What `body` returns, and the time that it took.
    public static func timed<Result>(
        _ body: () -> Result
    ) -> (result: Result, microseconds: Int) {
        let start = ContinuousClock.now
        let result = body()
        return (result, Int((ContinuousClock.now - start).wholeMicroseconds))
    }

    /// A count in that time as a rate a second; a time of 0 counts as 1 µs.
    public static func perSecond(_ count: Int, microseconds: Int) -> Int {
        let (high, low) = count.multipliedFullWidth(by: 1_000_000)
        let divisor = max(1, microseconds)
        return high < divisor ? divisor.dividingFullWidth((high, low)).quotient : 0
    }
}
