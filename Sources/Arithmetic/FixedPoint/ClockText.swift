/// Writes times as people read them.
public enum ClockText {
    /// Seconds as `1:02:03`, or `2:03` below an hour.
    public static func format(seconds: Int64) -> String {
        func twoDigits(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        let end = ":" + twoDigits(seconds % 60)
        return hours > 0 ? "\(hours):" + twoDigits(minutes) + end : "\(minutes)" + end
    }

    /// The time that is left of a work at the pace so far, such as `2:03`, or `?` before anything is done.
    ///
    /// Worked example: 3 of 9 parts done in 4 seconds leave `0:08`.
    public static func left(of total: Int, done: Int, in elapsed: Duration) -> String {
        guard done > 0 else { return "?" }
        let left = Int128(max(0, total - done)) * Int128(elapsed.wholeMicroseconds)
        return format(seconds: Int64(clamping: left / Int128(done) / 1_000_000))
    }
}
