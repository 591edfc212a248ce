import IntegerTensor
import RecurrentLM
import Settings

/// `method: eggroll`: evolution strategies with low-rank noise on the weights (arXiv 2511.16652).
public struct Eggroll: Method {
    public static let name = "eggroll"
    public static let keys = [
        "fitness", "sampling", "sigmaShift", "noiseReuse", "sequencesPerMember",
    ]
    public static let rules: [any RuleSettings.Type] = [
        ResidualSettings.self, ThresholdSettings.self,
    ]

    public var population: Population
    public var loss: LossResolution
    /// How a direction's difference of scores becomes its fitness.
    public var fitness: FitnessForm
    public var rule: any RuleSettings

    public init(_ reader: MethodReader) throws(ConfigError) {
        population = try reader.readPopulation()
        rule = try reader.readRule(groupSize: population.groupSize)
        loss = try reader.model.numberedChoice(
            "lossFractionBits", default: rule.countsSigns ? .sixteenth : .fine)
        let section = reader.population
        fitness = try section.choice(
            "fitness", default: rule.countsSigns ? FitnessForm.sign : .magnitude8)
        population.sampling = try section.choice("sampling", default: .antithetic)
        population.sigmaShift = try section.integer(
            "sigmaShift", default: 4, in: Population.sigmaShiftRange)
        population.noiseReuse = try section.integer(
            "noiseReuse", default: 1, in: Population.noiseReuseRange)
        population.sequencesPerMember = try section.integer(
            "sequencesPerMember", default: 1, in: Population.sequenceRange)
        guard fitness == .sign || !rule.countsSigns else {
            throw section.refusal(
                of: "fitness",
                "'population.fitness' is \(fitness), and the \(type(of: rule).name) rule counts signs",
                remedy: "use sign, or update.rule: \(ResidualSettings.name)")
        }
    }

    public var settings: [Setting] {
        [
            ("fitness", "\(fitness)"), ("size", "\(population.size)"),
            ("groupSize", "\(population.groupSize)"),
            ("segmentTokens", "\(population.segmentTokens)"),
            ("sampling", population.sampling.rawValue),
            ("sigmaShift", "\(population.sigmaShift)"),
            ("noiseReuse", "\(population.noiseReuse)"),
            ("sequencesPerMember", "\(population.sequencesPerMember)"),
        ]
    }

    public func validate(for model: ModelConfig) throws(ModelError) {
        try population.validate(for: model, loss: loss)
        try population.validateVotes(fitness)
    }

    public func memory(for model: ModelConfig, threads: Int) -> MethodMemory {
        MethodMemory(
            stateRows: population.stateRows,
            scoreBytes: population.rows * MemoryLayout<Int32>.stride,
            mostBlockBytes: population.mostBlockBytes(model))
    }

    public var voteOrigin: VoteOrigin { .fitness(fitness, directions: population.directions) }

    public var directionsToCount: Int { population.directions }

    public func makeEstimator(_ resources: MethodResources) -> any Estimator {
        EggrollEstimator(
            population: population, loss: loss, fitness: fitness, parameters: resources.parameters,
            seed: resources.seed, kernel: resources.kernel, pool: resources.pool,
            division: resources.division, slice: resources.slice)
    }

    public func makeReplay(
        layout: ParameterLayout, seed: UInt64, kernel: Kernel, pool: WorkerPool
    ) -> (any VoteReplay)? {
        FitnessReplay(
            population: population, layout: layout, seed: seed, kernel: kernel, pool: pool)
    }
}
