import EvolutionStrategy
import FixedPoint
import IntegerTensor
import RecurrentLM
import Storage
import TokenShards

/// The speed of one shape, as medians over blocks.
struct Throughput {
    let config: ModelConfig
    let kernel: String
    let threads: Int
    let members: Int
    let memberTokensPerSecond: Int
    /// Multiply-accumulates a second of the forward pass, and of the roofline beside it.
    let achieved: Int
    let roofline: Int
    /// Share of the roofline in 1/1000, the median of the blocks' own shares.
    let permille: Int

    static let header =
        "shape          kernel     threads    N   tokens/s   GMAC/s  roofline   share"

    var line: String {
        func column(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        func giga(_ value: Int) -> String {
            DecimalText.format(Int64(value), over: 1_000_000_000, decimals: 1)
        }
        let shape = "\(config.layers)x\(config.hidden)x\(config.mlpWidth)"
        let share = DecimalText.format(Int64(permille), over: 10, decimals: 1) + "%"
        return shape + column(kernel, 21 - shape.count) + column("\(threads)", 12)
            + column("\(members)", 5) + column("\(memberTokensPerSecond)", 11)
            + column(giga(achieved), 9) + column(giga(roofline), 10) + column(share, 8)
    }

    var json: JSONValue {
        .object([
            .init("shape", .string("\(config.layers)x\(config.hidden)x\(config.mlpWidth)")),
            .init("kernel", .string(kernel)), .init("threads", .integer(threads)),
            .init("population", .integer(members)),
            .init("memberTokensPerSecond", .integer(memberTokensPerSecond)),
            .init("macPerSecond", .integer(achieved)),
            .init("rooflineMacPerSecond", .integer(roofline)),
            .init("rooflinePermille", .integer(permille)),
        ])
    }
}

/// Measures the evaluation of a population, noise included.
struct ThroughputBench {
    let kernel: Kernel
    let threads: Int
    let blocks: Int
    private let pool: WorkerPool

    static let segmentTokens = 25
    /// Multiply-accumulates of a block, so that it lasts some tenths of a second.
    private static let blockWork = 4_000_000_000

    init(kernel: Kernel, threads: Int, blocks: Int) {
        self.kernel = kernel
        self.threads = threads
        self.blocks = blocks
        pool = WorkerPool(threads: threads)
    }

    /// - Precondition: ``BenchLimits`` allows the shape and the population.
    func measure(_ config: ModelConfig, _ population: Population) -> Throughput {
        let model = PreparedModel(Parameters(config: config, seed: 1), kernel: kernel)
        let evaluator = PopulationEvaluator(population: population, model: model, pool: pool)
        let width = population.segmentTokens + 1
        let segment = Segment(
            tokens: (0..<population.streams * width).map { UInt8(truncatingIfNeeded: $0 * 37 + 1) },
            streams: population.streams, length: population.segmentTokens, position: 1)
        let work = population.memberTokens * config.multiplyAccumulatesPerToken
        let repeats = max(1, Self.blockWork / work)
        var speeds: [Int] = []
        var rooflines: [Int] = []
        var shares: [Int] = []
        for block in 0...blocks {
            let before = roofline()
            let source = SeededPerturbations(kernel: kernel, seed: 1, epoch: UInt32(block))
            let time = Self.microseconds {
                for _ in 0..<repeats { _ = evaluator.scores(segment, source: source) }
            }
            let limit = (before + roofline()) / 2
            if block == 0 { continue }  // warm-up
            let speed = Self.perSecond(work * repeats, time)
            speeds.append(speed)
            rooflines.append(limit)
            shares.append(speed / max(1, limit / 1000))
        }
        let achieved = Self.median(speeds)
        return Throughput(
            config: config, kernel: kernel.name, threads: threads,
            members: population.size,
            memberTokensPerSecond: achieved / config.multiplyAccumulatesPerToken,
            achieved: achieved, roofline: Self.median(rooflines), permille: Self.median(shares))
    }

    /// Multiply-accumulates a second of all threads together, doing nothing else.
    private func roofline() -> Int {
        let done = AlignedBuffer<Int>(count: threads)
        let time = Self.microseconds {
            pool.run(threads) { index, _ in
                done.pointer[index] = kernel.rooflineWork(rounds: 400_000)
            }
        }
        return Self.perSecond(done.span.reduce(0, +), time)
    }

    private static func microseconds(_ body: () -> Void) -> Int {
        let (seconds, attoseconds) = ContinuousClock().measure(body).components
        return Int(seconds) * 1_000_000 + Int(attoseconds / 1_000_000_000_000)
    }

    private static func perSecond(_ count: Int, _ microseconds: Int) -> Int {
        let (high, low) = count.multipliedFullWidth(by: 1_000_000)
        return max(1, microseconds).dividingFullWidth((high, low)).quotient
    }

    private static func median(_ values: [Int]) -> Int {
        let sorted = values.sorted()
        return sorted[sorted.count / 2]
    }
}
