import EvolutionStrategy
import IntegerTensor
import RecurrentLM
import SeededNoise
import TokenShards

/// Runs `NodePerturbationEstimator` beside its plain definition, segment after segment: for tests, and to check a
/// kernel on the machine that is to train with it.
public struct NodePerturbationComparison {
    private let parameters: Parameters
    private let population: Population
    private let settings: NodePerturbationSettings
    private let seed: UInt64
    private let estimator: NodePerturbationEstimator
    private let votes: Votes
    private var groups: [ReferencePair]
    private var feedback: ReferenceFeedback?
    private var step = 0

    /// Prepares a comparison whose states are 0; learned feedback begins with random matrices.
    /// - Throws: ``ModelError`` where such a population cannot be trained.
    public init(
        population: Population, settings: NodePerturbationSettings, parameters: Parameters,
        seed: UInt64,
        kernel: Kernel, pool: WorkerPool
    ) throws(ModelError) {
        try population.validate(for: parameters.config)
        try settings.validate(population)
        self.population = population
        self.settings = settings
        self.parameters = parameters
        self.seed = seed
        estimator = NodePerturbationEstimator(
            population: population, settings: settings, parameters: parameters, seed: seed,
            kernel: kernel, pool: pool)
        votes = Votes(layout: parameters.layout)
        groups = Self.groups(population, parameters)
        guard settings.feedback == .learned else { return }
        feedback = ReferenceFeedback(
            parameters.config, settings, draws: population.drawsPerGroup)
        try drawFeedback()
    }

    private static func groups(
        _ population: Population, _ parameters: Parameters
    ) -> [ReferencePair] {
        (0..<population.groups).map { _ in ReferencePair(parameters) }
    }

    /// Makes the matrices of learned feedback random: they are 0 at first, and take many steps to predict anything.
    private mutating func drawFeedback() throws(ModelError) {
        var state = estimator.state
        for site in settings.sites(parameters.config) {
            let count = site.width(parameters.config) * parameters.config.vocabulary
            let residuals = NoiseKey(seed: 5, domain: .initialWeights, stream: 99)
                .normals(count: count).map { Int32($0) * (1 << 17) / 3 }
            feedback?.restore(site, residuals: residuals)
            state[LearnedFeedback.residualPrefix + site.name] = .int32(residuals)
        }
        try estimator.restore(state)
    }

    /// Evaluates a segment in both ways; states, multipliers and feedback go on to the next, unless that starts over.
    /// - Returns: What differs first; nil where nothing does.
    public mutating func firstDifference(on segment: Segment) -> String? {
        if segment.startsOver { groups = Self.groups(population, parameters) }
        var reference = ReferenceNodePerturbation(
            parameters: parameters, settings: settings,
            noise: ActivationNoise(seed: seed, step: step, layers: parameters.config.layers),
            scales: estimator.scales, draws: population.drawsPerGroup, feedback: feedback)
        let width = population.segmentTokens + 1
        for group in groups.indices {
            let tokens = segment.tokens[group * width..<(group + 1) * width]
            reference.add(group: group, &groups[group], Array(tokens))
        }
        let estimate = estimator.estimate(
            segment, parameters: parameters, step: step, votes: votes)
        step += 1
        feedback = reference.feedback
        feedback?.learn()
        return differentVotes(reference) ?? differentContexts(reference)
            ?? differentSums(reference, estimate)
    }

    private func differentContexts(_ reference: ReferenceNodePerturbation) -> String? {
        guard let contexts = votes.contexts else {
            return parameters.contexts == nil ? nil : "the credits of contexts, which are missing"
        }
        let found = contexts.inputs
        for (place, expected) in reference.contextCredits.enumerated() {
            let (group, time) = place.quotientAndRemainder(dividingBy: population.segmentTokens)
            let slot = time * population.groups + group
            let hashes = (0..<found.contextsPerSlot).map {
                found.context(slot: slot, $0)
            }
            guard hashes == expected.contexts else { return "the contexts" }
            guard found.credits.values(row: slot) == expected.credit else {
                return "the credits of the contexts' rows"
            }
            guard let logits = contexts.logits else { continue }
            let areSame = (0..<logits.contextsPerSlot).allSatisfy {
                logits.context(slot: slot, $0) == expected.contexts[$0]
            }
            guard areSame, logits.credits.values(row: slot) == expected.error else {
                return "the errors of direct connections"
            }
        }
        return nil
    }

    private func differentVotes(_ reference: ReferenceNodePerturbation) -> String? {
        for tensor in parameters.layout.tensors
        where !votes.values[tensor.id].span.elementsEqual(reference.votes[tensor.id]) {
            return "the votes of \(tensor.name)"
        }
        guard let learned = estimator.feedback else { return nil }
        for (site, taught) in zip(learned.sites, learned.votes)
        where !taught.span.elementsEqual(reference.feedback?.votes[site] ?? []) {
            return "the votes of the feedback to \(site.name)"
        }
        return nil
    }

    private func differentSums(_ reference: ReferenceNodePerturbation, _ estimate: Estimate)
        -> String?
    {
        var scales = reference.scales
        scales.follow(
            reference.squares, comparisons: estimate.comparisons,
            tokens: population.groups * population.segmentTokens,
            hidden: parameters.config.hidden, headDraws: settings.headDraws)
        let states = groups.flatMap { $0.state.flatMap(\.self) }
        let parts = [
            ("the likelihood", estimate.logLikelihood == reference.logLikelihood),
            ("the number of ties", estimate.ties == reference.ties),
            (
                "the number of comparisons",
                estimate.comparisons == population.directions * population.segmentTokens
            ),
            ("the multipliers", estimator.scales == scales),
            ("the hidden states", estimator.state["states"] == .int8(states)),
        ]
        return parts.first { !$0.1 }?.0
    }
}
