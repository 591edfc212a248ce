import IntegerTensor

/// Median and the tenth at either end of a measurement's repetitions.
struct Quantiles {
    let low, median, high: Int

    /// - Precondition: `values` is not empty.
    init(_ values: [Int]) {
        let sorted = values.sorted()
        func at(_ tenths: Int) -> Int { sorted[((sorted.count - 1) * tenths + 5) / 10] }
        (low, median, high) = (at(1), at(5), at(9))
    }

    private init(low: Int, median: Int, high: Int) {
        (self.low, self.median, self.high) = (low, median, high)
    }

    /// Each rounded down.
    func divided(by divisor: Int) -> Quantiles {
        Quantiles(low: low / divisor, median: median / divisor, high: high / divisor)
    }
}

/// The speed of training steps of one workload.
struct StepSpeed {
    let workload: StepWorkload
    let threads: Int
    /// Multiply-accumulates a second of the forward pass, the rest of a step being overhead.
    let achieved: Quantiles
    /// Those of the roofline, on as many threads at once.
    let roofline: Quantiles
    /// Share of the roofline measured beside each block, in 1/1000.
    let permille: Quantiles
    let shares: StepShares
    /// Bytes; nil where the system does not tell.
    let peakMemory: Int?

    var memberTokensPerSecond: Quantiles {
        achieved.divided(by: workload.config.multiplyAccumulatesPerToken)
    }
}

/// Measures whole training steps with the roofline before and after each block of them.
struct StepBench {
    let kernel: Kernel
    let blocks: Int

    /// Time of a block where one step takes less.
    private static let blockMicroseconds = 400_000
    /// Time of the steps that the shares come from, where one step takes less.
    private static let sharesMicroseconds = 1_000_000
    /// Time of each measurement of the roofline.
    private static let rooflineMicroseconds = 20_000

    /// - Precondition: ``BenchLimits`` allows the workload.
    func measure(_ workload: StepWorkload, threads: Int) -> StepSpeed {
        PeakMemory.reset()
        let pool = WorkerPool(threads: threads)
        let roofline = Roofline(
            kernel: kernel, pool: pool, microseconds: Self.rooflineMicroseconds)
        let steps = StepRunner(workload, pool: pool)
        let first = Stopwatch.microseconds { steps.run() }  // warms up
        let repeats = max(1, Self.blockMicroseconds / max(1, first))
        var speeds: [Int] = []
        var limits: [Int] = []
        var shares: [Int] = []
        for _ in 0..<blocks {
            let before = roofline.measure()
            let time = Stopwatch.microseconds { for _ in 0..<repeats { steps.run() } }
            let limit = max(1000, (before + roofline.measure()) / 2)
            let speed = Stopwatch.perSecond(
                workload.multiplyAccumulates * repeats, microseconds: time)
            speeds.append(speed)
            limits.append(limit)
            shares.append(speed / (limit / 1000))
        }
        let memory = PeakMemory.bytes
        return StepSpeed(
            workload: workload, threads: pool.threads, achieved: Quantiles(speeds),
            roofline: Quantiles(limits), permille: Quantiles(shares),
            shares: .measure(workload, threads: threads, microseconds: Self.sharesMicroseconds),
            peakMemory: memory)
    }
}
