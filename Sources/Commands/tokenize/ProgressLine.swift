import CommandSupport
import FixedPoint
import TokenShards

/// How far the command is: text read, its rate, and the time left.
struct ProgressLine {
    private let line = LiveLine()
    private let start = ContinuousClock.now
    /// Bytes of all input files, where it is known.
    private let totalBytes: () -> Int?

    /// - Parameter totalBytes: asked only where a line is shown, as it looks at every file.
    init(totalBytes: @escaping () -> Int?) { self.totalBytes = totalBytes }

    func show(_ progress: TokenizingProgress) {
        guard line.isDue else { return }
        line.show(parts(progress, elapsed: ContinuousClock.now - start))
    }

    func clear() { line.clear() }

    private func parts(_ progress: TokenizingProgress, elapsed: Duration) -> [LiveLine.Part] {
        let milliseconds = max(1, elapsed.wholeMilliseconds)
        let read = DecimalText.format(Int64(progress.textBytes), over: 1_000_000, decimals: 1)
        // Bytes a millisecond are thousands a second: 1000 of them are a MB/s.
        let rate = DecimalText.format(
            Int64(progress.textBytes) / milliseconds, over: 1000, decimals: 1)
        var parts = [LiveLine.Part("\(read) MB of text", short: "\(read) MB")]
        if let total = totalBytes(), progress.inputBytes > 0 {
            let left = ClockText.left(of: total, done: progress.inputBytes, in: elapsed)
            parts.append(.init("\(left) left"))
        }
        return parts + [.init("\(rate) MB/s")]
    }
}
