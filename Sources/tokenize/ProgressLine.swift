import CommandSupport
import FixedPoint
import TokenShards

/// A line on a terminal that rewrites itself: text read, its rate, and the time left.
struct ProgressLine {
    private static let interval = Duration.milliseconds(200)
    private static let clearLine = "\r\u{1B}[K"

    private let totalBytes: Int?
    private let start = ContinuousClock.now
    private var shown = ContinuousClock.now

    /// - Parameter totalBytes: Bytes of all input files, where it is known.
    init(totalBytes: Int?) { self.totalBytes = totalBytes }

    mutating func show(_ progress: TokenizingProgress) {
        let now = ContinuousClock.now
        guard now - shown >= Self.interval else { return }
        shown = now
        writeToStandardError(Self.clearLine + text(progress, elapsed: now - start))
    }

    func clear() { writeToStandardError(Self.clearLine) }

    private func text(_ progress: TokenizingProgress, elapsed: Duration) -> String {
        let milliseconds = max(1, elapsed.wholeMilliseconds)
        let read = DecimalText.format(Int64(progress.textBytes), over: 1_000_000, decimals: 1)
        // Bytes a millisecond are thousands a second: 1000 of them are a MB/s.
        let rate = DecimalText.format(
            Int64(progress.textBytes) / milliseconds, over: 1000, decimals: 1)
        var text = "\(read) MB of text, \(rate) MB/s"
        if let totalBytes, progress.inputBytes > 0 {
            let left = Int64(max(0, totalBytes - progress.inputBytes))
            let (product, overflow) = milliseconds.multipliedReportingOverflow(by: left)
            if !overflow {
                text += ", \(Self.clock(product / Int64(progress.inputBytes) / 1000)) left"
            }
        }
        return text
    }

    /// Seconds as `1:02:03`, or `2:03` below an hour.
    private static func clock(_ seconds: Int64) -> String {
        func twoDigits(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        let end = ":" + twoDigits(seconds % 60)
        return hours > 0 ? "\(hours):" + twoDigits(minutes) + end : "\(minutes)" + end
    }
}
