import RecurrentLM
import Settings

/// `method: node-perturbation`: evolution strategies with noise on activations, for each token anew.
public struct NodePerturbation: Method {
    public static let name = "node-perturbation"
    public static let keys = ["head", "headDraws", "feedback", "noise"]
    public static let rules: [any RuleSettings.Type] = [MomentumSettings.self]

    public var population: Population
    public var loss: LossResolution
    public var noise: NodePerturbationSettings
    public var rule: any RuleSettings

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

    /// Draws on the logits have a meaning only where the head is perturbed.
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

    public var settings: [Setting] {
        let draws: [Setting] =
            noise.head == .perturbation ? [("headDraws", "\(noise.headDraws)")] : []
        return [("head", "\(noise.head)")] + draws + [
            ("feedback", "\(noise.feedback)"), ("noise", "\(noise.noise)"),
            ("size", "\(population.size)"), ("groupSize", "\(population.groupSize)"),
            ("segmentTokens", "\(population.segmentTokens)"),
        ]
    }

    public func validate(for model: ModelConfig) throws(ModelError) {
        try population.validate(for: model, loss: loss)
        try noise.validate(population)
    }

    public func memory(for model: ModelConfig, threads: Int) -> MethodMemory {
        MethodMemory(
            stateRows: population.groups, learnedWeights: noise.feedbackWeights(model),
            bytesPerThread: noise.bytesPerThread(model, population),
            mostBlockBytes: noise.mostBlockBytes(model, population, threads: threads))
    }

    public func makeEstimator(_ resources: MethodResources) -> any Estimator {
        NodePerturbationEstimator(
            population: population, settings: noise, parameters: resources.parameters,
            seed: resources.seed, kernel: resources.kernel, pool: resources.pool,
            division: resources.division)
    }
}
