import FixedPoint

/// Wall time of a run and its steps, in whole microseconds. Only for display: no result depends on it.
final class RunClock {
    private let begin = ContinuousClock.now
    private let previousMicroseconds: Int64
    private var stepBegin = ContinuousClock.now
    /// Time of the last step: reading, evaluation and update.
    private(set) var stepMicroseconds: Int64 = 0

    /// - Parameter previousMicroseconds: What the run had taken before it was interrupted.
    init(previousMicroseconds: Int64) {
        self.previousMicroseconds = previousMicroseconds
    }

    func beginStep() { stepBegin = .now }
    func endStep() { stepMicroseconds = (ContinuousClock.now - stepBegin).wholeMicroseconds }

    var wallMicroseconds: Int64 {
        previousMicroseconds + (ContinuousClock.now - begin).wholeMicroseconds
    }
}
