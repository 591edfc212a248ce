import EvolutionStrategy
import IntegerTensor
import RecurrentLM
import TokenShards

/// A model, the method that trains it with a population, and the kernel that evaluates it.
struct StepWorkload {
    let config: ModelConfig
    let method: BenchMethod
    let population: Population
    let kernel: Kernel

    /// The same with another kernel.
    func with(_ kernel: Kernel) -> StepWorkload {
        StepWorkload(config: config, method: method, population: population, kernel: kernel)
    }

    /// `6x256x1024`: layers, hidden size and MLP width.
    var shape: String { "\(config.layers)x\(config.hidden)x\(config.mlpWidth)" }

    /// Weights that the method learns besides the model's: those of learned feedback.
    var learnedWeights: Int {
        method.method(population).memory(for: config, threads: 1).learnedWeights
    }

    /// The inputs of the matrices of learned feedback, which read the head's error and a 1; 0 where there is no feedback,
    /// or the model has matrices of as many inputs, so that these would not be told apart.
    var feedbackInputs: Int {
        let inputs = config.vocabulary + 1
        let isUnique = inputs != config.hidden && inputs != config.mlpWidth
        return isUnique && learnedWeights > 0 ? inputs : 0
    }
}

/// Training steps as a run does them, but for the corpus and the files.
final class StepRunner {
    private let estimator: any Estimator
    private let rule: any UpdateRule
    private let schedule: RateSchedule?
    /// Moves the rows of contexts; nil for a model without contexts.
    private let contextRule: ContextRule?
    private let votes: Votes
    private let segments: [Segment]
    private var parameters: Parameters
    private var step = 0

    init(_ workload: StepWorkload, pool: WorkerPool) {
        let method = workload.method.method(workload.population)
        parameters = Parameters(config: workload.config, seed: 1)
        estimator = method.makeEstimator(
            MethodResources(
                parameters: parameters, seed: 1, kernel: workload.kernel, pool: pool))
        rule = method.rule.makeRule(
            parameters: parameters, slice: WeightSlice(parameters.layout), pool: pool)
        schedule = method.rule.schedule
        contextRule = ContextRule(
            parameters, rate: type(of: method).rowRate, kernel: workload.kernel, pool: pool)
        votes = Votes(layout: parameters.layout)
        segments = BenchText.segments(workload.population)
    }

    /// Multiply-accumulates of a step, as the log of a run counts them.
    var multiplyAccumulates: Int { estimator.multiplyAccumulatesPerStep }

    /// Evaluates the population and counts its votes.
    func estimate() {
        _ = estimator.estimate(
            segments[step % segments.count], parameters: parameters, step: step, votes: votes)
    }

    /// Moves the weights by the votes of the last estimate.
    func update() { _ = rule.apply(votes, to: &parameters, step: step) }

    /// Moves the rows of contexts by the credits of the last estimate, and ends the step.
    func moveRows() {
        votes.contexts.map { contextRule?.apply($0, step: step, schedule: schedule) }
        step += 1
    }

    func run() {
        estimate()
        update()
        moveRows()
    }
}
