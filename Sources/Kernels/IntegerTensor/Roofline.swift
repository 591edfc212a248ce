/// Measures the multiply-accumulates a second that a kernel's multipliers reach with nothing else to do, all
/// threads of a pool together: what the speed of a model is compared with.
///
/// It depends on the instruction set, the clock and on who else uses the machine, so it is measured
/// beside each figure.
public struct Roofline {
    private let kernel: Kernel
    private let pool: WorkerPool
    /// The rounds of a measurement, for each thread.
    private let rounds: Int32

    private static let firstRounds: Int32 = 10_000
    private static let mostRounds = 100_000_000

    /// Finds how many rounds take the time of a measurement.
    /// - Parameters:
    ///   - kernel: The kernel whose multiplier is kept busy.
    ///   - pool: The threads that keep it busy, all at once.
    ///   - microseconds: About how long a measurement takes. It should be long beside the start of a
    ///     region, and short beside what is measured.
    public init(kernel: Kernel, pool: WorkerPool, microseconds: Int) {
        self.kernel = kernel
        self.pool = pool
        let time = Stopwatch.microseconds {
            _ = kernel.table.pointee.roofline(Self.firstRounds)
        }
        let wanted = Int(Self.firstRounds) * microseconds / max(1, time)
        rounds = Int32(min(max(wanted, 1), Self.mostRounds))
    }

    /// Measures the multiply-accumulates a second of all threads at once.
    public func measure() -> Int {
        let done = AlignedBuffer<Int>(count: pool.threads)
        let time = Stopwatch.microseconds {
            pool.run(pool.threads) { index, _ in
                done.pointer[index] = Int(kernel.table.pointee.roofline(rounds))
            }
        }
        return Stopwatch.perSecond(done.span.reduce(0, +), microseconds: time)
    }
}
