#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// Wall time of a run and its steps, in whole microseconds. Only for display: no result depends on it.
final class RunClock {
    private let begin: Int64
    private var stepBegin: Int64
    /// Time of the last step: reading, evaluation and update.
    private(set) var stepMicroseconds: Int64 = 0

    /// - Parameter previousMicroseconds: What the run had taken before it was interrupted.
    init(previousMicroseconds: Int64) {
        let now = Self.now()
        begin = now - previousMicroseconds
        stepBegin = now
    }

    func beginStep() { stepBegin = Self.now() }
    func endStep() { stepMicroseconds = Self.now() - stepBegin }

    var wallMicroseconds: Int64 { Self.now() - begin }

    /// Microseconds of a clock that only goes forward.
    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
