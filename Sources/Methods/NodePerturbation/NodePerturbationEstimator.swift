import IntegerTensor
import RecurrentLM
import TokenShards

/// Evolution strategies with noise on activations instead of weights ("node perturbation": Werfel, Xie and
/// Seung, "Learning curves for stochastic gradient descent in linear feedforward networks", 2005).
///
/// EGGROLL perturbs a matrix by A⊗B. With B the matrix's own input at each token, and a new A = ξ for
/// each token, the same rank-1 perturbation is noise ξ on the matrix's output, whose variance is lower by
/// about the number of inputs. `ReferenceNodePerturbation` defines every operation, and the article "Node
/// perturbation" tells it in words.
public final class NodePerturbationEstimator: Estimator {
    /// The members and what they read.
    public let population: Population
    /// The noise, and what becomes of it.
    public let settings: NodePerturbationSettings
    private let seed: UInt64
    private let model: PreparedModel
    private let pool: WorkerPool
    private let division: WorkDivision
    /// The slice that this process evaluates, of the population of all groups' first pairs.
    private let slice: PopulationSlice
    /// The state of each group of the slice: its members begin a token from it.
    private let states: HiddenStates
    package private(set) var scales: CreditScales
    package let feedback: LearnedFeedback?
    /// One block for each thread.
    private let blocks: [ActivationBlock]
    private let blockGroups: Int
    /// The credits of the rows of contexts; nil for a model without contexts.
    private let contexts: ContextCredits?

    /// The unit of log-likelihoods: those of single tokens are told apart in 1/1024 bit.
    private static let loss = LossResolution.fine

    /// Makes an estimator in its first state.
    /// - Parameters:
    ///   - population: The members and what they read.
    ///   - settings: The noise, and what becomes of it.
    ///   - parameters: The weights that the run begins or continues with.
    ///   - seed: The seed of the run.
    ///   - kernel: The kernel; no result depends on it.
    ///   - pool: The threads that share the work; no result depends on them.
    ///   - division: How the population is divided among processes.
    public init(
        population: Population, settings: NodePerturbationSettings, parameters: Parameters,
        seed: UInt64,
        kernel: Kernel, pool: WorkerPool, division: WorkDivision = .undivided
    ) {
        let slice = division.ownSlice(of: population.leaders)
        self.population = population
        self.division = division
        self.slice = slice
        self.settings = settings
        self.seed = seed
        self.pool = pool
        let model = PreparedModel(parameters, kernel: kernel, loss: Self.loss)
        self.model = model
        states = HiddenStates(rows: slice.directions.count, config: parameters.config)
        scales = CreditScales(layers: parameters.config.layers)
        let feedback =
            settings.feedback == .learned
            ? LearnedFeedback(
                parameters.config, settings, draws: population.drawsPerGroup, kernel: kernel,
                pool: pool) : nil
        self.feedback = feedback
        let blockGroups = settings.blockGroups(
            slice.directions.count, population, parameters.config,
            rows: Int(kernel.table.pointee.block_rows), threads: pool.threads)
        self.blockGroups = blockGroups
        let contexts = Self.contextCredits(parameters.config, population)
        self.contexts = contexts
        blocks = (0..<pool.threads).map { _ in
            ActivationBlock(
                model: model, population: population, settings: settings, groups: blockGroups,
                feedback: feedback, contexts: contexts)
        }
    }

    /// Sequences that a segment must hold, one a group.
    public var streams: Int { population.streams }
    /// T, tokens of each sequence in a segment.
    public var segmentTokens: Int { population.segmentTokens }
    /// The first pairs of all groups: a group is evaluated in one process, as its pairs share a state.
    public var sharedWork: Population { population.leaders }

    /// The multiply-accumulates of a step. For each token of a group there are the first layer's recurrence, the rest
    /// of the forward pass for each member, one product of the size of every matrix for the votes, and those of the
    /// feedback.
    public var multiplyAccumulatesPerStep: Int {
        let ofFeedback =
            feedback == nil
            ? 0 : LearnedFeedback.multiplyAccumulates(model.config, settings)
        let all = model.config.multiplyAccumulatesPerToken
        let recurrence = model.config.multiplyAccumulatesPerRecurrence
        return population.groups * population.segmentTokens
            * (recurrence + population.groupSize * (all - recurrence) + all + ofFeedback)
    }

    /// Evaluates a segment with the noise of `step` and writes the votes.
    public func estimate(
        _ segment: Segment, parameters: Parameters, step: Int, votes: Votes
    ) -> Estimate {
        model.update(from: parameters, pool: pool)
        if segment.startsOver { states.reset() }
        for block in blocks { block.reset() }
        let noise = ActivationNoise(seed: seed, step: step, layers: model.config.layers)
        let groups = slice.directions
        let count = (groups.count + blockGroups - 1) / blockGroups
        let time = segment.tokens.withUnsafeBufferPointer { tokens in
            let shared = ActivationStep(segment: tokens, noise: noise, scales: scales)
            let tasks = Tasks(
                blocks: blocks, step: shared, states: states, firstState: groups.lowerBound)
            return Stopwatch.microseconds {
                pool.run(count) { index, worker in
                    let first = groups.lowerBound + index * blockGroups
                    tasks.run(first..<min(first + blockGroups, groups.upperBound), worker)
                }
            }
        }
        division.sum(blocks.map(\.votes.values), into: votes.values, on: pool)
        exchangeContexts()
        votes.contexts = contexts
        if let feedback {
            division.sum(
                blocks.compactMap(\.feedback?.votes), into: feedback.votes, on: pool)
            feedback.learn()
        }
        return finish(evaluationMicroseconds: time)
    }

    /// Credits for each group at each token: slot `time · groups + group`. Nil for a model without contexts.
    private static func contextCredits(
        _ config: ModelConfig, _ population: Population
    ) -> ContextCredits? {
        guard !config.contexts.isEmpty else { return nil }
        let inputs = RowCredits(
            capacity: population.groups * population.segmentTokens,
            contextsPerSlot: config.contexts.count, width: ContextTable.inputWidth(config))
        // Both tables have rows for the same contexts at the same tokens.
        return ContextCredits(
            inputs: inputs,
            logits: config.direct ? RowCredits(of: inputs, width: config.vocabulary) : nil)
    }

    /// Gives every process the credits of all groups.
    private func exchangeContexts() {
        let groups = division.slices(of: sharedWork).map(\.directions)
        contexts?.inputs.exchange(groups, among: division.processes)
        contexts?.logits?.exchange(groups, among: division.processes)
    }

    /// What the threads of a step share. A thread uses the block of its own number, and writes the states
    /// of the groups that it was given.
    private struct Tasks: @unchecked Sendable {
        let blocks: [ActivationBlock]
        let step: ActivationStep
        let states: HiddenStates
        /// The group that the first row of `states` belongs to.
        let firstState: Int

        func run(_ groups: Range<Int>, _ worker: Int) {
            blocks[worker].evaluate(
                groups, step, states: states, from: groups.lowerBound - firstState)
        }
    }

    private func finish(evaluationMicroseconds: Int) -> Estimate {
        let config = model.config
        let sums = ActivationSums(blocks, layers: config.layers).total(over: division.processes)
        let comparisons = population.directions * population.segmentTokens
        scales.follow(
            sums.squares, comparisons: comparisons,
            tokens: population.groups * population.segmentTokens, hidden: config.hidden,
            headDraws: settings.headDraws)
        return Estimate(
            logLikelihood: sums.logLikelihood, loss: Self.loss,
            memberTokens: population.memberTokens, comparisons: comparisons, ties: Int(sums.ties),
            evaluationMicroseconds: evaluationMicroseconds)
    }

    // MARK: State

    private static let statesName = "states"
    private static let scalesName = "scales"
    private static let historiesName = "histories"

    /// The groups' hidden states `[groups][L][D]`, which only rank 0 gets, the multipliers of fitness and credits, and
    /// what the feedback has learned. Collective.
    public var state: EstimatorState {
        let rows = division.slices(of: sharedWork).map(\.directions.count)
        let gathered = division.gather(
            states.allValues, rows: rows, width: model.config.stateWidth)
        let own: EstimatorState = [
            Self.statesName: .int8(gathered), Self.scalesName: .int32(scales.values),
        ]
        return own.merging(historyState(rows)) { own, _ in own }
            .merging(feedback?.state ?? [:]) { own, _ in own }
    }

    /// What the contexts of the groups need to know of their texts, of all processes; nothing without contexts.
    private func historyState(_ rows: [Int]) -> EstimatorState {
        let width = HiddenStates.historyWidth(model.config)
        guard width > 0 else { return [:] }
        let own = states.historyValues(rows: 0..<states.rows)
        return [
            Self.historiesName: .int32(division.gather(own, rows: rows, width: width))
        ]
    }

    /// Restores a state that ``state`` gave; each process keeps the hidden states of its slice.
    /// - Throws: `ModelError` naming the part that is missing or does not fit.
    public func restore(_ state: EstimatorState) throws(ModelError) {
        let width = model.config.stateWidth
        let expected = population.groups * width
        guard case .int8(let values) = state[Self.statesName], values.count == expected,
            !values.contains(-128)
        else {
            throw Self.misfit(
                Self.statesName, "the groups' hidden states do not fit the population")
        }
        guard case .int32(let numbers) = state[Self.scalesName],
            let restored = CreditScales(values: numbers, layers: model.config.layers)
        else {
            throw Self.misfit(Self.scalesName, "the scales of the credits do not fit the model")
        }
        let historyWidth = HiddenStates.historyWidth(model.config)
        var histories: [Int32] = []
        if historyWidth > 0 {
            guard case .int32(let values) = state[Self.historiesName],
                values.count == population.groups * historyWidth
            else {
                throw Self.misfit(
                    Self.historiesName, "the histories of the contexts do not fit the population")
            }
            histories = values
        }
        try feedback?.restore(state)
        let own = slice.directions
        states.restoreHistories(
            histories[own.lowerBound * historyWidth..<own.upperBound * historyWidth])
        states.restore(values[own.lowerBound * width..<own.upperBound * width])
        scales = restored
    }

    private static func misfit(_ part: String, _ finding: String) -> ModelError {
        ModelError(
            part, finding, remedy: "resume with the config that the checkpoint was made with")
    }
}
