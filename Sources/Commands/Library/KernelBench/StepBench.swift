import EvolutionStrategy
import IntegerTensor

/// Median and the tenth at either end of a measurement's repetitions.
struct Quantiles {
    let low, median, high: Int

    /// - Precondition: `values` is not empty.
    init(_ values: [Int]) {
        let sorted = values.sorted()
        func at(_ tenths: Int) -> Int { sorted[((sorted.count - 1) * tenths + 5) / 10] }
        self.init(low: at(1), median: at(5), high: at(9))
    }

    init(low: Int, median: Int, high: Int) {
        (self.low, self.median, self.high) = (low, median, high)
    }
}

/// The speed of training steps of one workload.
struct StepSpeed {
    let workload: StepWorkload
    let threads: Int
    /// Tokens that members read in a second.
    let memberTokensPerSecond: Quantiles
    /// Multiply-accumulates a second, as the trainer counts those of a step; the rest of a step is overhead.
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
        inference.run()
        let repeats = max(1, Self.turnMicroseconds / max(1, Self.warmUp(steps)))
        let measured = (0..<blocks).map { _ in
            let before = roofline.measure()
            var block = Block()
            for _ in 0..<Self.turns {
                block.training += .measure { for _ in 0..<repeats { steps.run() } }
                block.inference += .measure { for _ in 0..<repeats { inference.run() } }
            }
            block.roofline = max(1000, (before + roofline.measure()) / 2)
            return block
        }
        let memory = PeakMemory.bytes
        func speeds(_ count: Int) -> [Int] {
            measured.map {
                Stopwatch.perSecond(
                    count * repeats * Self.turns, microseconds: $0.training.wall)
            }
        }
        let achieved = speeds(steps.multiplyAccumulates)
        let shares = zip(achieved, measured).map { $0 / ($1.roofline / 1000) }
        let ratios = measured.map { $0.inference.permille(of: $0.training) }
        return StepSpeed(
            workload: workload, threads: pool.threads,
            memberTokensPerSecond: Quantiles(speeds(workload.population.memberTokens)),
            achieved: Quantiles(achieved), roofline: Quantiles(measured.map(\.roofline)),
            permille: Quantiles(shares), ofInference: Quantiles(ratios.map(\.wall)),
            ofInferenceProcessorTime: Quantiles(ratios.map(\.processors)),
            naive: comparesNaive ? naiveSpeeds(workload, pool) : [:],
            shares: .measure(workload, threads: threads, microseconds: Self.sharesMicroseconds),
            peakMemory: memory)
    }

    /// Runs steps for as long as a turn, at least one; returns the microseconds of the last. The first ones touch the pages
    /// of rows of contexts for the first time.
    private static func warmUp(_ steps: StepRunner) -> Int {
        var sum = 0
        while true {
            let last = Stopwatch.microseconds { steps.run() }
            sum += last
            if sum >= turnMicroseconds { return last }
        }
    }

    /// What a block of turns took, and the roofline beside it.
    private struct Block {
        var training = WorkTime()
        var inference = WorkTime()
        var roofline = 0
    }

    /// The median of member tokens a second of a few pairs, which is that of many.
    private func naiveSpeeds(
        _ workload: StepWorkload, _ pool: WorkerPool
    ) -> [NaiveStrategy.Drawing: Int] {
        var some = workload.population
        some.size = 2 * Self.naivePairsPerThread * pool.threads
        var speeds: [NaiveStrategy.Drawing: Int] = [:]
        for drawing in NaiveStrategy.Drawing.allCases {
            let naive = NaiveStrategy(workload, some, pool: pool, drawing: drawing)
            naive.run()  // warms up
            let measured = (0..<blocks).map { _ in
                let time = Stopwatch.microseconds { naive.run() }
                return Stopwatch.perSecond(some.memberTokens, microseconds: time)
            }
            speeds[drawing] = Quantiles(measured).median
        }
        return speeds
    }

    /// The pairs that each thread evaluates for a measurement of ``NaiveStrategy``.
    private static let naivePairsPerThread = 4
}
