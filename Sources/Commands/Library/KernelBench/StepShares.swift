import EvolutionStrategy
import IntegerTensor
import RecurrentLM

/// How the thread time of a training step is divided, from steps with a ``TimedKernel``.
///
/// These steps are not those whose speed is measured. What the timing itself costs is measured first and
/// taken away.
struct StepShares {
    /// Nanoseconds of thread time by ``StepPart``; they add up to the threads times the wall time,
    /// without the cost of the timing.
    private let nanoseconds: [Int]

    /// The share of a part in 1/1000.
    func permille(_ part: StepPart) -> Int {
        // Thread time of some minutes, below 2^50 ns.
        let total = max(1, nanoseconds.reduce(0, +))
        return (nanoseconds[part.rawValue] * 1000 + total / 2) / total
    }

    /// Runs steps of the workload until they took about that long, after one that warms up.
    static func measure(_ workload: StepWorkload, threads: Int, microseconds: Int) -> StepShares {
        let table = TimedKernel.table(of: workload.kernel)
        let overhead = TimedKernel.Overhead()
        let times = ThreadTimes(threads: threads)
        let timed = Kernel(table: table.pointer)
        let split = ProductSplit(timed, workload.config, workload.population)
        let pool = WorkerPool(threads: threads, observer: times)
        let steps = StepRunner(workload.with(timed), pool: pool)
        steps.run()
        times.reset()
        var wall = 0
        var update = 0
        repeat {
            wall += Stopwatch.microseconds { steps.estimate() }
            let before = times.busy.nanoseconds
            wall += Stopwatch.microseconds { steps.update() }
            update += times.busy.nanoseconds - before
        } while wall < microseconds
        withExtendedLifetime(table) {}
        return StepShares(
            times, overhead, split, update: update, available: pool.threads * wall * 1000)
    }

    /// - Parameters:
    ///   - update: Nanoseconds that threads worked on the update.
    ///   - available: Threads times the wall time, in nanoseconds.
    private init(
        _ times: ThreadTimes, _ overhead: TimedKernel.Overhead, _ split: ProductSplit,
        update: Int, available: Int
    ) {
        var parts = [Int](repeating: 0, count: StepPart.allCases.count)
        var inCalls = 0
        var timing = 0
        for call in KernelCall.allCases {
            let counter = times[call]
            let own = max(0, counter.nanoseconds - counter.calls * overhead.inside / 1000)
            parts[call.part.rawValue] += own
            inCalls += own
            timing += counter.calls * overhead.total / 1000
        }
        let products = parts[StepPart.products.rawValue]
        let perturbation = products / 1000 * split.perturbationPermille
        parts[StepPart.products.rawValue] = products - perturbation
        parts[StepPart.perturbation.rawValue] = perturbation
        parts[StepPart.update.rawValue] = update
        let busy = times.busy.nanoseconds
        parts[StepPart.other.rawValue] = max(0, busy - update - inCalls - timing)
        parts[StepPart.waiting.rawValue] = max(0, available - busy)
        nanoseconds = parts
    }
}

/// What the perturbation adds to the products: the same products with and without it, by turns.
private struct ProductSplit {
    /// Its share of the perturbed products, in 1/1000.
    let perturbationPermille: Int

    /// The fastest of many short turns, which other work on the machine does not touch.
    private static let turns = 24

    /// - Parameter kernel: A timed one.
    init(_ kernel: Kernel, _ config: ModelConfig, _ population: Population) {
        let rows = min(population.rows, max(1, Int(kernel.table.pointee.block_rows)))
        let model = PreparedModel(Parameters(config: config, seed: 1), kernel: kernel)
        let forward = BlockForward(model: model, capacity: rows)
        let states = HiddenStates(rows: rows, config: config)
        let tokens = AlignedBuffer<UInt8>(count: rows)
        for row in 0..<rows { tokens.pointer[row] = UInt8(1 + row % 255) }
        let source = SeededPerturbations(kernel: kernel, seed: 1, epoch: 0)
        let times = ThreadTimes(threads: 1)
        func productTime() -> Int {
            times.reset()
            times.workBegins(0)
            forward.step(tokens.pointer, stride: 1)
            times.workEnds(0)
            return times[.product].nanoseconds
        }
        let turns = (0...Self.turns).map { _ in
            forward.begin(rows: rows, states: states, firstState: 0)
            let clean = productTime()
            forward.begin(
                rows: 0..<rows, sequences: 1, source: source, shape: population.noiseShape,
                states: states)
            return (clean: clean, perturbed: productTime())
        }.dropFirst()
        let clean = turns.map(\.clean).min() ?? 0
        let perturbed = turns.map(\.perturbed).min() ?? 0
        perturbationPermille = max(0, perturbed - clean) * 1000 / max(1, perturbed)
    }
}
