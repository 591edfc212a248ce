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
    /// The time of pure batch inference of as many rows and tokens over that of training, measured by turns, in 1/1000.
    let ofInference: Quantiles
    /// The same of the processor time of all threads.
    let ofInferenceProcessorTime: Quantiles
    /// The member tokens a second of evolution strategies with noise of full rank, by ``NaiveStrategy/Drawing``; empty
    /// unless asked for.
    let naive: [NaiveStrategy.Drawing: Int]
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
    /// Whether to measure ``NaiveStrategy`` too.
    let comparesNaive: Bool

    /// The turns of a block, each of training and then of inference.
    private static let turns = 4
    /// Time of the steps of a turn, where one takes less.
    private static let turnMicroseconds = 100_000
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
        let inference = BatchInference(workload, pool: pool)
        let first = Stopwatch.microseconds { steps.run() }  // warms up
        inference.run()
        let repeats = max(1, Self.turnMicroseconds / max(1, first))
        var speeds: [Int] = []
        var limits: [Int] = []
        var shares: [Int] = []
        var ratios: [WorkTime.Ratio] = []
        for _ in 0..<blocks {
            let before = roofline.measure()
            var (training, clean) = (WorkTime(), WorkTime())
            for _ in 0..<Self.turns {
                training += .measure { for _ in 0..<repeats { steps.run() } }
                clean += .measure { for _ in 0..<repeats { inference.run() } }
            }
            let limit = max(1000, (before + roofline.measure()) / 2)
            let speed = Stopwatch.perSecond(
                workload.multiplyAccumulates * repeats * Self.turns, microseconds: training.wall)
            speeds.append(speed)
            limits.append(limit)
            shares.append(speed / (limit / 1000))
            ratios.append(clean.permille(of: training))
        }
        let memory = PeakMemory.bytes
        return StepSpeed(
            workload: workload, threads: pool.threads, achieved: Quantiles(speeds),
            roofline: Quantiles(limits), permille: Quantiles(shares),
            ofInference: Quantiles(ratios.map(\.wall)),
            ofInferenceProcessorTime: Quantiles(ratios.map(\.processors)),
            naive: comparesNaive ? naiveSpeeds(workload, pool) : [:],
            shares: .measure(workload, threads: threads, microseconds: Self.sharesMicroseconds),
            peakMemory: memory)
    }

    /// The median of member tokens a second of a few pairs, which is that of many.
    private func naiveSpeeds(
        _ workload: StepWorkload, _ pool: WorkerPool
    ) -> [NaiveStrategy.Drawing: Int] {
        var some = workload
        some.population.size = 2 * Self.naivePairsPerThread * pool.threads
        var speeds: [NaiveStrategy.Drawing: Int] = [:]
        for drawing in NaiveStrategy.Drawing.allCases {
            let naive = NaiveStrategy(some, pool: pool, drawing: drawing)
            naive.run()  // warms up
            let measured = (0..<blocks).map { _ in
                let time = Stopwatch.microseconds { naive.run() }
                return Stopwatch.perSecond(some.population.memberTokens, microseconds: time)
            }
            speeds[drawing] = Quantiles(measured).median
        }
        return speeds
    }

    /// The pairs that each thread evaluates for a measurement of ``NaiveStrategy``.
    private static let naivePairsPerThread = 4
}
