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
        let table = TimedKernel.table(of: workload)
        let times = ThreadTimes(threads: threads)
        let timed = workload.with(Kernel(table: table.pointer))
        let split = workload.method == .eggroll ? ProductSplit(timed).perturbationPermille : 0
        let pool = WorkerPool(threads: threads, observer: times)
        let steps = StepRunner(timed, pool: pool)
        steps.run()
        times.reset()
        var stages = Stages()
        repeat {
            stages.wall += Stopwatch.microseconds { steps.estimate() }
            let estimated = times.busy.nanoseconds
            stages.wall += Stopwatch.microseconds { steps.update() }
            let updated = times.busy.nanoseconds
            stages.wall += Stopwatch.microseconds { steps.moveRows() }
            stages.update += updated - estimated
            stages.rows += times.busy.nanoseconds - updated
        } while stages.wall < microseconds
        withExtendedLifetime(table) {}
        return StepShares(
            times, stages, workload, perturbationPermille: split,
            available: pool.threads * stages.wall * 1000)
    }

    /// What the stages of steps took.
    private struct Stages {
        /// Microseconds by the clock.
        var wall = 0
        /// Nanoseconds that threads worked on the update of the weights, and on the rows of contexts after it.
        var update = 0
        var rows = 0
    }

    /// - Parameters:
    ///   - perturbationPermille: What of the products is perturbation.
    ///   - available: Threads times the wall time, in nanoseconds.
    private init(
        _ times: ThreadTimes, _ stages: Stages, _ workload: StepWorkload,
        perturbationPermille: Int, available: Int
    ) {
        let overhead = TimedKernel.Overhead()
        var parts = [Int](repeating: 0, count: StepPart.allCases.count)
        func add(_ nanoseconds: Int, to part: StepPart) { parts[part.rawValue] += nanoseconds }
        let busy = times.busy.nanoseconds
        var rest = busy - stages.update - stages.rows
        for call in KernelCall.allCases {
            let counter = times[call]
            let own = max(0, counter.nanoseconds - counter.calls * overhead.inside / 1000)
            add(own, to: call.part)
            rest -= own + counter.calls * overhead.total / 1000
        }
        let perturbation = parts[StepPart.products.rawValue] / 1000 * perturbationPermille
        add(-perturbation, to: .products)
        add(perturbation, to: .perturbation)
        add(stages.update, to: .update)
        add(stages.rows, to: .contexts)
        // The rule moves the weights of the feedback too, before the estimate ends, and takes as long for each.
        let weights = max(1, ParameterLayout(workload.config).parameterCount)
        let learning = min(max(0, rest), stages.update / weights * workload.learnedWeights)
        add(learning, to: .feedback)
        add(max(0, rest - learning), to: .other)
        add(max(0, available - busy), to: .waiting)
        nanoseconds = parts
    }
}

/// What the perturbation adds to the products: the same products with and without it, by turns.
private struct ProductSplit {
    /// Its share of the perturbed products, in 1/1000.
    let perturbationPermille: Int

    /// The fastest of many short turns, which other work on the machine does not touch.
    private static let turns = 24

    /// - Parameter workload: One with a timed kernel.
    init(_ workload: StepWorkload) {
        let (kernel, config, population) = (
            workload.kernel, workload.config, workload.population
        )
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
