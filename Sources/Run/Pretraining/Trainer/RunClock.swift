import CLibrary
import FixedPoint

/// Measures the wall time of a run and its steps, in whole microseconds. It is for display only: no result depends on
/// it.
final class RunClock {
    private let begin = ContinuousClock.now
    private let previousMicroseconds: Int64
    private var stepBegin = ContinuousClock.now
    /// The time of the last step: reading, evaluation and update.
    private(set) var stepMicroseconds: Int64 = 0

    /// Starts the clock; `previousMicroseconds` is what the run had taken before it was interrupted.
    init(previousMicroseconds: Int64) {
        self.previousMicroseconds = previousMicroseconds
    }

    func beginStep() { stepBegin = .now }
    func endStep() { stepMicroseconds = (ContinuousClock.now - stepBegin).wholeMicroseconds }

    /// The time of day, as other programs count it.
    static var microsecondsSince1970: Int64 {
        var now = timespec()
        guard clock_gettime(CLOCK_REALTIME, &now) == 0 else { return 0 }
        return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
    }

    var wallMicroseconds: Int64 {
        previousMicroseconds + (ContinuousClock.now - begin).wholeMicroseconds
    }
}
