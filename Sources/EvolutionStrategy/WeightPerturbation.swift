import IntegerTensor
import RecurrentLM
import TokenShards

/// EGGROLL: evolution strategies with rank-1 perturbations of the weights (arXiv 2511.16652).
///
/// Nothing but the fitness is kept between evaluation and votes: the noise is regenerated from the
/// seed (seed replay).
public final class WeightPerturbation: Estimator {
    public let population: Population
    /// The fraction bits of the scores.
    public let loss: LossResolution
    public let form: FitnessForm
    private let seed: UInt64
    private let model: PreparedModel
    private let pool: WorkerPool
    private let evaluator: PopulationEvaluator
    private let counter: VoteCounter
    /// One score a member of the last step.
    private(set) var lastScores: [Int32] = []

    public init(
        population: Population, loss: LossResolution = .sixteenth, fitness: FitnessForm = .sign,
        parameters: Parameters, seed: UInt64, kernel: Kernel, pool: WorkerPool
    ) {
        self.population = population
        self.loss = loss
        form = fitness
        self.seed = seed
        self.pool = pool
        model = PreparedModel(parameters, kernel: kernel, loss: loss)
        evaluator = PopulationEvaluator(population: population, model: model, pool: pool)
        counter = VoteCounter(
            layout: parameters.layout, pairs: population.directions, kernel: kernel, pool: pool)
    }

    public var streams: Int { population.streams }
    public var segmentTokens: Int { population.segmentTokens }
    public var voteOrigin: VoteOrigin { .fitness(form, directions: population.directions) }

    public var multiplyAccumulatesPerStep: Int {
        population.evaluatedTokens * model.config.multiplyAccumulatesPerToken
    }

    public func estimate(
        _ segment: Segment, parameters: Parameters, step: Int, votes: Votes
    ) -> Estimate {
        let source = SeededPerturbations(
            kernel: model.kernel, seed: seed, epoch: population.noiseEpoch(step: step))
        return estimate(segment, parameters: parameters, source: source, votes: votes)
    }

    /// The same with noise from any source.
    func estimate(
        _ segment: Segment, parameters: Parameters, source: some PerturbationSource, votes: Votes
    ) -> Estimate {
        model.update(from: parameters, pool: pool)
        let scores = evaluator.scores(segment, source: source)
        lastScores = scores.members
        let fitness = Fitness(form, differences: scores.differences)
        counter.count(fitness, source: source, into: votes)
        return Estimate(
            logLikelihood: scores.members.reduce(0) { $0 + Int64($1) }, loss: loss,
            memberTokens: population.memberTokens, comparisons: population.directions,
            ties: fitness.ties, fitness: fitness)
    }

    // MARK: State

    private static let statesName = "states"

    public var state: [(name: String, values: StateValues)] {
        [(Self.statesName, .int8(evaluator.states.allValues))]
    }

    public func restore(_ state: [String: StateValues]) throws(ModelError) {
        let expected = population.stateRows * model.config.layers * model.config.hidden
        guard case .int8(let values) = state[Self.statesName], values.count == expected else {
            throw ModelError(
                Self.statesName, "the hidden states do not fit the population",
                remedy: "resume with the config that the checkpoint was made with")
        }
        evaluator.states.restore(values)
    }
}
