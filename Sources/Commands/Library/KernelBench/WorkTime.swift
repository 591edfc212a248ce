import CLibrary
import IntegerTensor

/// How long some work took, in microseconds.
struct WorkTime {
    /// By the clock.
    var wall = 0
    /// Of all processors together, waiting threads that spin among them.
    var processors = 0

    static func += (sum: inout WorkTime, time: WorkTime) {
        sum.wall += time.wall
        sum.processors += time.processors
    }

    /// The quotients of two times, in 1/1000.
    struct Ratio {
        let wall, processors: Int
    }

    static func measure(_ work: () -> Void) -> WorkTime {
        let before = processorTime
        let wall = Stopwatch.microseconds(work)
        return WorkTime(wall: wall, processors: processorTime - before)
    }

    /// This time over that of `other`.
    func permille(of other: WorkTime) -> Ratio {
        Ratio(
            wall: wall * 1000 / max(1, other.wall),
            processors: processors * 1000 / max(1, other.processors))
    }

    /// The processor time of the process; 0 where the system does not tell.
    private static var processorTime: Int {
        var time = timespec()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return 0 }
        return Int(time.tv_sec) * 1_000_000 + Int(time.tv_nsec) / 1000
    }
}
