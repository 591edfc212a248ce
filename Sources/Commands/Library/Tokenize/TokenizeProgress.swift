import FixedPoint
import TokenShards

/// How far `tokenize` is: text read, the time left, and the rate.
struct TokenizeProgress {
    private let line = LiveLine()
    private let start = ContinuousClock.now
    /// Bytes of all input files, where it is known.
    private let totalBytes: () -> Int?

    /// - Parameter totalBytes: asked only where a line is shown, as it looks at every file.
    init(totalBytes: @escaping () -> Int?) { self.totalBytes = totalBytes }

    func show(_ progress: TokenizingProgress) {
        line.update { parts(progress, elapsed: ContinuousClock.now - start) }
    }

    /// Takes the line away, so that others can write.
    func finish() { line.clear() }

    private func parts(_ progress: TokenizingProgress, elapsed: Duration) -> [LiveLine.Part] {
        let read = progress.textBytes.megabytes
        // Bytes a millisecond are thousands a second: 1000 of them are a MB/s.
        let rate = DecimalText.format(
            Int64(progress.textBytes) / max(1, elapsed.wholeMilliseconds), over: 1000, decimals: 1)
        var parts = [LiveLine.Part("\(read) MB of text", short: "\(read) MB")]
        if let total = totalBytes(), progress.inputBytes > 0 {
            let left = ClockText.left(of: total, done: progress.inputBytes, in: elapsed)
            parts.append(.init("\(left) left"))
        }
        return parts + [.init("\(rate) MB/s")]
    }
}
