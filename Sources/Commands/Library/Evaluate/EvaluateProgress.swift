import FixedPoint

/// How far `evaluate` is: how much of the text is scored, and the time left.
struct EvaluateProgress {
    private let line: LiveLine
    private let start = ContinuousClock.now
    /// Bytes of the text, where it is known.
    private let totalBytes: Int?
    /// Which of several models and texts it is.
    private let place: [LiveLine.Part]

    init(_ line: LiveLine, totalBytes: Int?, place: [String]) {
        self.line = line
        self.totalBytes = totalBytes
        self.place = place.map { LiveLine.Part($0) }
    }

    /// - Parameter bytes: scored so far.
    func show(_ bytes: Int) { line.update { place + parts(bytes) } }

    /// Takes the line away, so that others can write.
    func finish() { line.clear() }

    private func parts(_ bytes: Int) -> [LiveLine.Part] {
        guard let totalBytes else { return [.init("\(bytes.megabytes) MB")] }
        let left = ClockText.left(of: totalBytes, done: bytes, in: ContinuousClock.now - start)
        return [
            .init("\(bytes.megabytes) of \(totalBytes.megabytes) MB"), .init("\(left) left"),
        ]
    }
}
