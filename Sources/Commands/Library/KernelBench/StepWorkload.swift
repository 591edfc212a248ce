import EvolutionStrategy
import IntegerTensor
import RecurrentLM
import TokenShards

/// A model, a population and the kernel that evaluates it.
struct StepWorkload {
    let config: ModelConfig
    var population: Population
    let kernel: Kernel

    /// The same with another kernel.
    func with(_ kernel: Kernel) -> StepWorkload {
        StepWorkload(config: config, population: population, kernel: kernel)
    }

    /// `6x256x1024`: layers, hidden size and MLP width.
    var shape: String { "\(config.layers)x\(config.hidden)x\(config.mlpWidth)" }

    /// Tokens that are a pattern without token 0, which resets states: the least work, and the usual.
    static func tokens(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(1 + $0 * 37 % 255) } }

    /// Multiply-accumulates of the forward pass of a step.
    var multiplyAccumulates: Int {
        population.memberTokens * config.multiplyAccumulatesPerToken
    }
}

/// Training steps as a run does them, but for the corpus and the files: the settings of a config's
/// defaults, on tokens that are a pattern.
final class StepRunner {
    private let estimator: EggrollEstimator
    private let rule: ResidualRule
    /// Moves the rows of contexts; nil for a model without contexts.
    private let contextRule: ContextRule?
    private let votes: Votes
    private let segment: Segment
    private var parameters: Parameters
    private var step = 0

    init(_ workload: StepWorkload, pool: WorkerPool) {
        let population = workload.population
        parameters = Parameters(config: workload.config, seed: 1)
        estimator = EggrollEstimator(
            population: population, loss: .fine, fitness: .magnitude4, parameters: parameters,
            seed: 1, kernel: workload.kernel, pool: pool)
        rule = ResidualRule(
            schedule: RateSchedule(
                rate: RateSchedule.one, decay: RateSchedule.one / 1000, steps: 1 << 20),
            parameters: parameters, pool: pool)
        contextRule = ContextRule(
            parameters, rate: Eggroll.rowRate, kernel: workload.kernel, pool: pool)
        votes = Votes(layout: parameters.layout)
        let count = population.streams * (population.segmentTokens + 1)
        segment = Segment(
            tokens: StepWorkload.tokens(count), streams: population.streams,
            length: population.segmentTokens, position: 1)
    }

    /// Evaluates the population and counts its votes.
    func estimate() {
        _ = estimator.estimate(segment, parameters: parameters, step: step, votes: votes)
    }

    /// Moves the weights by the votes of the last estimate.
    func update() {
        _ = rule.apply(votes, to: &parameters, step: step)
        votes.contexts.map { contextRule?.apply($0, step: step, schedule: rule.schedule) }
        step += 1
    }

    func run() {
        estimate()
        update()
    }
}
