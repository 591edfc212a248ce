import IntegerTensor
import RecurrentLM
import Settings

/// `method: eggroll`: evolution strategies with low-rank noise on the weights (arXiv 2511.16652).
public struct Eggroll: Method {
    /// The value of `method` in a config.
    public static let name = "eggroll"
    /// The keys of the section `population` that only this method reads.
    public static let keys = [
        "fitness", "head", "sampling", "sigmaShift", "rank", "noiseReuse", "sequencesPerMember",
    ]
    /// The residual rule, which is the default, and the threshold rule.
    public static let rules: [any RuleSettings.Type] = [
        ResidualSettings.self, ThresholdSettings.self,
    ]

    /// The members and what they read.
    public var population: Population
    /// The fraction bits of the members' scores.
    public var loss: LossResolution
    /// How a direction's difference of scores becomes its fitness.
    public var fitness: FitnessForm
    /// What the head learns from.
    public var head: HeadRule
    /// How the weights follow the votes.
    public var rule: any RuleSettings

    /// Makes the method from its settings; ``validate(for:)`` checks the population.
    public init(
        population: Population, loss: LossResolution = .fine, fitness: FitnessForm = .magnitude8,
        head: HeadRule = .perturbation, rule: any RuleSettings
    ) {
        self.population = population
        self.loss = loss
        self.fitness = fitness
        self.head = head
        self.rule = rule
    }

    /// Reads the sections `population` and `update` and the key `lossFractionBits` of `model`.
    /// - Throws: `ConfigError` at the place of a value that cannot be.
    public init(_ reader: MethodReader) throws(ConfigError) {
        population = try reader.readPopulation()
        rule = try reader.readRule(groupSize: population.groupSize)
        loss = try reader.model.numberedChoice(
            "lossFractionBits", default: rule.countsSigns ? .sixteenth : .fine)
        let section = reader.population
        fitness = try section.choice(
            "fitness", default: rule.countsSigns ? FitnessForm.sign : .magnitude8)
        head = try section.choice("head", default: .perturbation)
        population.sampling = try section.choice("sampling", default: .antithetic)
        population.sigmaShift = try section.integer(
            "sigmaShift", default: 4, in: Population.sigmaShiftRange)
        population.rank = try section.numberedChoice("rank", default: .one)
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
        guard head == .perturbation || !rule.countsSigns else {
            throw section.refusal(
                of: "head",
                "'population.head' is \(head), and the \(type(of: rule).name) rule counts signs",
                remedy: "use perturbation, or update.rule: \(ResidualSettings.name)")
        }
    }

    /// The settings of the section `population`, in the order of the resolved config.
    public var settings: [Setting] {
        let noise: [Setting] = [
            ("sampling", population.sampling.rawValue),
            ("sigmaShift", "\(population.sigmaShift)"), ("rank", "\(population.rank.terms)"),
            ("noiseReuse", "\(population.noiseReuse)"),
            ("sequencesPerMember", "\(population.sequencesPerMember)"),
        ]
        return [("fitness", "\(fitness)"), ("head", "\(head)")]
            + MethodReader.settings(of: population) + noise
    }

    /// Checks the population and the bounds of scores and votes.
    /// - Throws: `ModelError` that names the setting, such as `population.size`.
    public func validate(for model: ModelConfig) throws(ModelError) {
        try population.validate(for: model, loss: loss)
        if model.direct { try needUnperturbedModel("model.direct", "learns") }
        if head == .delta {
            try needUnperturbedModel("population.head", "\(head) learns")
            try population.validateCreditVotes()
        }
    }

    private func needUnperturbedModel(_ key: String, _ finding: String) throws(ModelError) {
        guard population.sampling == .oneSided else {
            throw ModelError(
                key, "\(finding) from the unperturbed model, which nobody evaluates here",
                remedy: "use population.sampling: one-sided, or method: \(NodePerturbation.name)")
        }
    }

    /// The memory that the hidden states, the scores and the threads' blocks take.
    public func memory(for model: ModelConfig, threads: Int) -> MethodMemory {
        MethodMemory(
            stateRows: population.stateRows,
            scoreBytes: population.rows * MemoryLayout<Int32>.stride,
            creditBytes: population.creditBytes(model),
            bytesPerThread: headErrorBytes(model),
            mostBlockBytes: population.mostBlockBytes(model))
    }

    /// The bytes of the head's votes that each thread keeps, where it learns from its own error.
    private func headErrorBytes(_ model: ModelConfig) -> Int {
        head == .delta ? model.vocabulary * model.hidden * MemoryLayout<Int32>.stride : 0
    }

    /// Votes follow from the fitness of all directions, which a journal keeps; what moves direct connections, or a head
    /// that learns from its own error, follows from an evaluation only.
    public func voteOrigin(for model: ModelConfig) -> VoteOrigin {
        model.direct || head == .delta
            ? .evaluation : .fitness(fitness, directions: population.directions)
    }

    /// P: every process that updates the whole model counts the votes of all directions.
    public var directionsToCount: Int { population.directions }

    /// How far a credit moves an input row of a model's contexts.
    public static var rowRate: RowRate { .ofEggroll }
    /// False: a row tells something only after many readings.
    public static var rowsLearnByHeart: Bool { false }

    /// An ``EggrollEstimator`` in its first state.
    public func makeEstimator(_ resources: MethodResources) -> any Estimator {
        EggrollEstimator(
            population: population, loss: loss, fitness: fitness, head: head,
            parameters: resources.parameters,
            seed: resources.seed, kernel: resources.kernel, pool: resources.pool,
            division: resources.division, slice: resources.slice)
    }

    /// Counts votes from the fitness in a journal; nil where they do not follow from it.
    public func makeReplay(
        layout: ParameterLayout, seed: UInt64, kernel: Kernel, pool: WorkerPool
    ) -> (any VoteReplay)? {
        guard voteOrigin(for: layout.config) != .evaluation else { return nil }
        return FitnessReplay(
            population: population, layout: layout, seed: seed, kernel: kernel, pool: pool)
    }
}
