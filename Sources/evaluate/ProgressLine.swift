import CommandSupport
import FixedPoint

/// A line on a terminal that rewrites itself: how much of the text is scored.
struct ProgressLine {
    private static let interval = Duration.milliseconds(200)
    private static let clearLine = "\r\u{1B}[K"

    private let total: Int?
    private let isShown = standardErrorIsTerminal
    private var last = ContinuousClock.now

    /// - Parameter total: Bytes of the text, where that is known.
    init(total: Int?) { self.total = total }

    mutating func show(_ done: Int) {
        guard isShown, ContinuousClock.now - last >= Self.interval else { return }
        last = ContinuousClock.now
        let all = total.map { " of \(Self.megabytes($0))" } ?? ""
        writeToStandardError("\(Self.clearLine)\(Self.megabytes(done))\(all) MB")
    }

    func clear() {
        if isShown { writeToStandardError(Self.clearLine) }
    }

    private static func megabytes(_ bytes: Int) -> String {
        DecimalText.format(Int64(bytes), over: 1_000_000, decimals: 1)
    }
}
