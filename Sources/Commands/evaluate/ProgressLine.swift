import CommandSupport
import FixedPoint

/// How far the command is: how much of the text is scored, and the time left.
struct ProgressLine {
    private let total: Int?
    private let line = LiveLine()
    private let start = ContinuousClock.now

    /// - Parameter total: Bytes of the text, where that is known.
    init(total: Int?) { self.total = total }

    func show(_ done: Int) {
        guard line.isDue else { return }
        guard let total else { return line.show([.init("\(Self.megabytes(done)) MB")]) }
        let left = ClockText.left(of: total, done: done, in: ContinuousClock.now - start)
        line.show([
            .init("\(Self.megabytes(done)) of \(Self.megabytes(total)) MB"), .init("\(left) left"),
        ])
    }

    func clear() { line.clear() }

    private static func megabytes(_ bytes: Int) -> String {
        DecimalText.format(Int64(bytes), over: 1_000_000, decimals: 1)
    }
}
