import RecurrentLM
import Settings

/// `method: node-perturbation`: evolution strategies with noise on activations, drawn anew for each token.
public struct NodePerturbation: Method {
    /// The value of `method` in a config.
    public static let name = "node-perturbation"
    /// The keys of the section `population` that only this method reads.
    public static let keys = ["head", "headDraws", "feedback", "noise"]
    /// The momentum rule alone.
    public static let rules: [any RuleSettings.Type] = [MomentumSettings.self]

    /// The members and what they read.
    public var population: Population
    /// The fraction bits of single tokens' losses; always `fine`.
    public var loss: LossResolution
    /// The noise, and what becomes of it.
    public var noise: NodePerturbationSettings
    /// How the weights follow the votes.
    public var rule: any RuleSettings

    /// Makes the method from its settings; ``validate(for:)`` checks the population.
    public init(
        population: Population, noise: NodePerturbationSettings, rule: any RuleSettings
    ) {
        self.population = population
        loss = .fine
        self.noise = noise
        self.rule = rule
    }

    /// Reads the sections `population` and `update` and the key `lossFractionBits` of `model`.
    /// - Throws: `ConfigError` at the place of a value that cannot be.
    public init(_ reader: MethodReader) throws(ConfigError) {
        population = try reader.readPopulation()
        rule = try reader.readRule(groupSize: population.groupSize)
        loss = try reader.model.numberedChoice("lossFractionBits", default: .fine)
        guard loss == .fine else {
            throw reader.model.refusal(
                of: "lossFractionBits",
                "'model.lossFractionBits' is \(loss.rawValue), too coarse to compare the losses of single"
                    + " tokens, as \(MethodReader.key): \(Self.name) does",
                remedy: "use \(LossResolution.fine.rawValue), or leave it out")
        }
        noise = try Self.readNoise(reader.population)
    }

    /// Reads the noise. Draws on the logits have a meaning only where the head is perturbed.
    private static func readNoise(
        _ section: ConfigSection
    ) throws(ConfigError) -> NodePerturbationSettings {
        var settings = NodePerturbationSettings(
            head: try section.choice("head", default: .delta),
            feedback: try section.choice("feedback", default: .none),
            noise: try section.integer(
                "noise", default: 2, in: NodePerturbationSettings.noiseRange))
        if settings.head == .perturbation {
            settings.headDraws = try section.integer(
                "headDraws", default: settings.headDraws,
                in: NodePerturbationSettings.headDrawsRange)
        } else {
            section.skip(["headDraws"], without: "population.head: perturbation")
        }
        return settings
    }

    /// The settings of the section `population`, in the order of the resolved config.
    public var settings: [Setting] {
        let draws: [Setting] =
            noise.head == .perturbation ? [("headDraws", "\(noise.headDraws)")] : []
        return [("head", "\(noise.head)")] + draws + [
            ("feedback", "\(noise.feedback)"), ("noise", "\(noise.noise)"),
        ] + MethodReader.settings(of: population)
    }

    /// Checks the population and the bounds of scores and votes.
    /// - Throws: `ModelError` that names the setting, such as `population.size`.
    public func validate(for model: ModelConfig) throws(ModelError) {
        try population.validate(for: model, loss: loss)
        try noise.validate(population)
    }

    /// The memory that the groups' states, the learned feedback and the threads' traces take.
    public func memory(for model: ModelConfig, threads: Int) -> MethodMemory {
        MethodMemory(
            stateRows: population.groups, learnedWeights: noise.feedbackWeights(model),
            creditBytes: creditBytes(model),
            bytesPerThread: noise.bytesPerThread(model, population),
            mostBlockBytes: noise.mostBlockBytes(model, population, threads: threads))
    }

    /// A slot for each token of a group.
    private func creditBytes(_ model: ModelConfig) -> Int {
        func bytes(_ width: Int) -> Int {
            RowCredits.bytes(
                capacity: population.groups * population.segmentTokens,
                contextsPerSlot: model.contexts.count, width: width)
        }
        guard !model.contexts.isEmpty else { return 0 }
        return bytes(model.hidden) + (model.direct ? bytes(model.vocabulary) : 0)
    }

    /// How far a credit moves an input row of a model's contexts.
    public static var rowRate: RowRate { .ofNodePerturbation }
    /// True: most of what a row becomes is what its first reading has made of it.
    public static var rowsLearnByHeart: Bool { true }

    /// A ``NodePerturbationEstimator`` in its first state.
    public func makeEstimator(_ resources: MethodResources) -> any Estimator {
        NodePerturbationEstimator(
            population: population, settings: noise, parameters: resources.parameters,
            seed: resources.seed, kernel: resources.kernel, pool: resources.pool,
            division: resources.division)
    }
}
