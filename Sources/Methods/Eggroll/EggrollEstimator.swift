import IntegerTensor
import RecurrentLM
import TokenShards

/// EGGROLL: evolution strategies with rank-1 perturbations of the weights (arXiv 2511.16652).
///
/// Nothing but the fitness is kept between evaluation and votes: the noise is regenerated from the
/// seed (seed replay). So processes that each evaluate a slice of the population need only tell each other
/// what it scored; then each can count the votes of any weights, those of the whole model or of some rows. Only a head
/// that learns from its own error (``HeadRule/delta``) has votes that the evaluation itself makes.
public final class EggrollEstimator: Estimator {
    /// The members and what they read.
    public let population: Population
    /// The fraction bits of the scores.
    public let loss: LossResolution
    /// How a direction's difference of scores becomes its fitness.
    public let form: FitnessForm
    /// What the head learns from.
    public let head: HeadRule
    private let seed: UInt64
    private let model: PreparedModel
    private let pool: WorkerPool
    private let evaluator: PopulationEvaluator
    private let counter: VoteCounter
    /// Counts the credits of contexts' rows; nil for a model without contexts.
    private let contextCounter: ContextVoteCounter?
    private let division: WorkDivision
    private let exchange: ScoreExchange

    /// Makes an estimator whose hidden states are 0.
    /// - Parameters:
    ///   - population: The members and what they read.
    ///   - loss: The fraction bits of the members' scores.
    ///   - fitness: How differences of scores become fitness.
    ///   - head: What the head learns from; the softmax delta rule needs one-sided sampling.
    ///   - parameters: The weights that the run begins or continues with.
    ///   - seed: The seed of the run.
    ///   - kernel: The kernel; no result depends on it.
    ///   - pool: The threads that share the work; no result depends on them.
    ///   - division: How the population is divided among processes.
    ///   - slice: The weights whose votes it counts; all unless given.
    public init(
        population: Population, loss: LossResolution = .sixteenth, fitness: FitnessForm = .sign,
        head: HeadRule = .perturbation, parameters: Parameters, seed: UInt64, kernel: Kernel,
        pool: WorkerPool,
        division: WorkDivision = .undivided, slice: WeightSlice? = nil
    ) {
        self.population = population
        self.loss = loss
        form = fitness
        self.head = head
        self.seed = seed
        self.pool = pool
        model = PreparedModel(parameters, kernel: kernel, loss: loss)
        self.division = division
        exchange = ScoreExchange(population, fitness, division)
        evaluator = PopulationEvaluator(
            population: population, head: head, model: model, pool: pool,
            slice: division.ownSlice(of: population))
        let layout = parameters.layout
        counter = VoteCounter(
            layout: layout, slice: slice ?? WeightSlice(layout),
            countsHead: head == .perturbation, pairs: population.directions,
            rank: population.rank, kernel: kernel, pool: pool)
        contextCounter = ContextVoteCounter(
            population, layout: layout, kernel: kernel, pool: pool)
    }

    /// Sequences that a segment must hold.
    public var streams: Int { population.streams }
    /// T, tokens of each sequence in a segment.
    public var segmentTokens: Int { population.segmentTokens }
    /// The whole population: a process evaluates any of its directions.
    public var sharedWork: Population { population }

    /// Multiply-accumulates of the forward passes of a step, and those of the votes of a head that learns from its own
    /// error: one product of its size for each token of the text.
    public var multiplyAccumulatesPerStep: Int {
        let config = model.config
        let ofHead = head == .delta ? config.vocabulary * config.hidden : 0
        return population.evaluatedTokens * config.multiplyAccumulatesPerToken
            + population.streams * population.segmentTokens * ofHead
    }

    /// Evaluates a segment with the noise of `step` and writes the votes.
    public func estimate(
        _ segment: Segment, parameters: Parameters, step: Int, votes: Votes
    ) -> Estimate {
        let source = SeededPerturbations(
            kernel: model.kernel, seed: seed, epoch: population.noiseEpoch(step: step))
        return estimate(segment, parameters: parameters, source: source, votes: votes)
    }

    /// Evaluates a segment with noise from any source and writes the votes.
    func estimate(
        _ segment: Segment, parameters: Parameters, source: some PerturbationSource, votes: Votes
    ) -> Estimate {
        model.update(from: parameters, pool: pool)
        let (scores, time) = Stopwatch.timed { evaluator.scores(segment, source: source) }
        let outcome = exchange.outcome(scores)
        counter.count(outcome.fitness, source: source, into: votes)
        votes.headIsExact = head == .delta
        if votes.headIsExact {
            let ofHead = votes.values[model.layout.head]
            division.sum(evaluator.headVotes.map { [$0] }, into: [ofHead], on: pool)
        }
        if let contextCounter {
            let credits = contextCounter.count(outcome.fitness, on: segment, source: source)
            evaluator.errors?.exchange(
                division.slices(of: population).map(\.savedStateRows), among: division.processes)
            votes.contexts = ContextCredits(inputs: credits, logits: evaluator.errors)
        }
        return Estimate(
            logLikelihood: outcome.logLikelihood, loss: loss,
            memberTokens: population.memberTokens, comparisons: population.directions,
            ties: outcome.fitness.ties, evaluationMicroseconds: time)
    }

    // MARK: State

    private static let statesName = "states"

    /// The hidden states `[rows][L][D]` of the whole population in rank 0; other ranks get none. Collective.
    public var state: EstimatorState {
        let slice = evaluator.slice
        let saved = slice.savedStateRows
        let first = saved.lowerBound - slice.stateRows.lowerBound
        let values = evaluator.states.values(rows: first..<first + saved.count)
        let rows = division.slices(of: population).map(\.savedStateRows.count)
        let gathered = division.gather(
            values, rows: rows, width: model.config.stateWidth)
        return (contextCounter?.state ?? [:]).merging([Self.statesName: .int8(gathered)]) {
            _, own in
            own
        }
    }

    /// Restores the hidden states that ``state`` gave; each process keeps those of its slice.
    /// - Throws: `ModelError` where the states do not fit the population.
    public func restore(_ state: EstimatorState) throws(ModelError) {
        let width = model.config.stateWidth
        let expected = population.stateRows * width
        guard case .int8(let values) = state[Self.statesName], values.count == expected,
            !values.contains(-128)
        else {
            throw ModelError(
                Self.statesName, "the hidden states do not fit the population",
                remedy: "resume with the config that the checkpoint was made with")
        }
        try contextCounter?.restore(state)
        if let histories = contextCounter?.histories { evaluator.restore(histories) }
        let own = evaluator.slice.stateRows
        evaluator.states.restore(values[own.lowerBound * width..<own.upperBound * width])
    }
}
