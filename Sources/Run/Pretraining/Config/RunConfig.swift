import Diagnostics
import EvolutionStrategy
import RecurrentLM
import Settings

/// The estimators that a config may name.
public enum EstimatorName: String, CaseIterable, Sendable {
    /// EGGROLL: perturbs the weights (`WeightPerturbation`).
    case weights
    /// Perturbs activations, for each token anew (`ActivationPerturbation`).
    case activations
}

/// The update rules that a config may name.
public enum RuleName: String, CaseIterable, Sendable {
    /// The paper's rule (`ThresholdRule`).
    case threshold
    /// Votes add up behind each weight (`ResidualRule`).
    case residual
    /// Each weight follows the sign of its mean vote (`MomentumRule`).
    case momentum
}

/// Everything that a training run depends on, as its YAML file and the defaults say.
public struct RunConfig: Equatable, Sendable {
    /// Directory made by `tokenize`.
    public var shards: String
    /// Bytes of stories that `pretrain` makes the shards from where the directory is missing; 0
    /// makes none. Always 0 where an override gives the shards and none gives this.
    public var storybookBytes: Int
    public var model: ModelConfig
    public var estimator: EstimatorSettings
    public var population: Population
    /// The fraction bits of the population's scores.
    public var loss: LossResolution
    public var initialScales: InitialScales
    /// How differences of scores become fitness, with noise on the weights.
    public var fitness: FitnessForm
    public var update: Update
    /// Steps of the run.
    public var steps: Int
    public var seed: UInt64
    /// The checkpoint whose weights the run begins with, instead of random ones.
    public internal(set) var initialWeights: InitialWeights?
    public var validation: Validation
    public var checkpoints: CheckpointPolicy
    public var journal: JournalPolicy

    /// The estimator with the settings that only it has.
    public enum EstimatorSettings: Equatable, Sendable {
        case weights
        case activations(ActivationSettings)

        public var name: EstimatorName {
            switch self {
            case .weights: .weights
            case .activations: .activations
            }
        }
    }

    /// The update rule with its settings.
    public enum Update: Equatable, Sendable {
        case threshold(ThresholdSchedule)
        case residual(ResidualSchedule)
        case momentum(ResidualSchedule)

        public var rule: RuleName {
            switch self {
            case .threshold: .threshold
            case .residual: .residual
            case .momentum: .momentum
            }
        }

        /// Whether its rate falls over the steps of the run.
        var hasSchedule: Bool { schedule != nil }

        /// The rate over the steps of the run; nil for a rule without one.
        var schedule: ResidualSchedule? {
            get {
                switch self {
                case .threshold: nil
                case .residual(let schedule), .momentum(let schedule): schedule
                }
            }
            set {
                guard let newValue else { return }
                switch self {
                case .threshold: break
                case .residual: self = .residual(newValue)
                case .momentum: self = .momentum(newValue)
                }
            }
        }
    }

    /// A checkpoint that a run begins with.
    public struct InitialWeights: Equatable, Sendable {
        /// A model file, a checkpoint directory or a run directory.
        public var path: String
        /// XXH64 of its weights; nil until it was read.
        public var digest: UInt64?
    }

    /// The steps that were done while the run was to have another number of them; none for a rule whose rate does not
    /// depend on it.
    public internal(set) var phases: [SchedulePhase] {
        get { update.schedule?.phases ?? [] }
        set { update.schedule?.phases = newValue }
    }

    /// When and on how much to measure the noiseless model.
    public struct Validation: Equatable, Sendable {
        /// Steps between measurements; 0 measures only at the end.
        public var every: Int
        /// Tokens of the validation split that are read, from its start; 0 reads all.
        public var tokens: Int
        /// Streams that they are cut into, each with a state of its own.
        public var streams: Int
    }

    /// When to write checkpoints and how many to keep.
    public struct CheckpointPolicy: Equatable, Sendable {
        /// Steps between checkpoints; 0 writes only at the end.
        public var every: Int
        /// Newest checkpoints that are kept, besides the best.
        public var keep: Int
    }

    /// What the journal holds besides the fitness of each step, and when it is made durable.
    public struct JournalPolicy: Equatable, Sendable {
        /// Steps between digests of the weights; 0 takes one only at the end.
        public var digestEvery: Int
        /// Steps after which the journal is synced even without a checkpoint; 0 syncs at these only.
        public var syncEvery: Int
    }

    /// The most bytes that a config file may have.
    static let sizeLimit = ConfigDocument.sizeLimit

    private static let sections = [
        "data", "model", "population", "update", "run", "validation", "checkpoints", "journal",
    ]
    private static let activationKeys = ["head", "headDraws", "feedback", "noise"]
    private static let weightKeys = [
        "fitness", "sampling", "sigmaShift", "noiseReuse", "sequencesPerMember",
    ]
    private static let scheduleKeys = ["rate", "decay"]
    private static let thresholdKeys = ["alphaBits", "decaySteps"]
    private static let storybookRange = 0...1 << 40
    static let stepRange = 1...1_000_000_000
    private static let intervalRange = 0...1_000_000_000

    /// Reads a config and checks that its parts fit together.
    ///
    /// - Parameters:
    ///   - file: the YAML file.
    ///   - overrides: texts `section.key=value` that go before the file's values.
    /// - Throws: ``ConfigError`` with the place of the first problem, or `FileError`.
    public init(file: String, overrides: [String] = []) throws {
        do {
            try self.init(try ConfigDocument(file: file, overrides: overrides))
        } catch let error as ConfigError where !error.isOverride {
            throw Self.blaming(overrides, of: file, for: error)
        }
    }

    /// An error at a place of the file that an override caused names the override first.
    private static func blaming(
        _ overrides: [String], of file: String, for error: ConfigError
    ) -> ConfigError {
        func isSound(_ count: Int) -> Bool {
            let document = try? ConfigDocument(
                file: file, overrides: Array(overrides.prefix(count)))
            return document.flatMap { try? RunConfig($0) } != nil
        }
        guard let cause = overrides.indices.first(where: { isSound($0) && !isSound($0 + 1) }) else {
            return error
        }
        let place = error.location == file ? "" : " (\(error.location))"
        return ConfigError(
            ConfigError.overridePrefix + overrides[cause], error.finding + place,
            remedy: error.remedy)
    }

    private init(_ document: ConfigDocument) throws {
        document.declare(sections: Self.sections, keys: [])
        let data = document.section("data")
        shards = try data.text("shards")
        let bytes = try data.integer("storybookBytes", default: 0, in: Self.storybookRange)
        // What a file says of its own shards says nothing of those that an override names.
        let isOfOtherShards =
            document.isOverridden("data.shards") && !document.isOverridden("data.storybookBytes")
        storybookBytes = isOfOtherShards ? 0 : bytes
        let run = document.section("run")
        steps = try run.integer("steps", default: nil, in: Self.stepRange)
        seed = try run.seed("seed", default: 1)
        initialWeights = try Self.readInitialWeights(run)
        let populationSection = document.section("population")
        let name = try populationSection.choice("estimator", default: EstimatorName.weights)
        population = try Self.readPopulation(populationSection)
        update = try Self.readUpdate(
            document.section("update"), default: name == .weights ? .residual : .momentum,
            DefaultRate(steps: steps, groupSize: population.groupSize), run)
        let usesMagnitudes = update.rule != .threshold
        let modelSection = document.section("model")
        model = try Self.readModel(modelSection)
        loss = try modelSection.numberedChoice(
            "lossFractionBits", default: usesMagnitudes ? .fine : .sixteenth)
        initialScales = InitialScales(
            recurrent: try modelSection.integer(
                "recurrentScale", default: 16, in: InitialScales.range),
            head: try modelSection.integer("headScale", default: 16, in: InitialScales.range))
        switch name {
        case .weights:
            populationSection.skip(
                Self.activationKeys, without: "population.estimator: activations")
            estimator = .weights
            fitness = try populationSection.choice(
                "fitness", default: usesMagnitudes ? .magnitude4 : .sign)
            try Self.readNoise(populationSection, into: &population)
        case .activations:
            populationSection.skip(Self.weightKeys, without: "population.estimator: weights")
            fitness = .magnitude8
            estimator = .activations(try Self.readActivations(populationSection))
        }
        validation = try Self.readValidation(document.section("validation"))
        checkpoints = try Self.readCheckpoints(document.section("checkpoints"))
        journal = try Self.readJournal(document.section("journal"))
        try document.checkKeys()
        try checkCombinations(document)
    }

    private static func readValidation(_ section: ConfigSection) throws -> Validation {
        Validation(
            every: try section.integer("every", default: 100, in: intervalRange),
            tokens: try section.integer("tokens", default: 131_072, in: 0...1 << 40),
            streams: try section.integer("streams", default: 64, in: 1...4096))
    }

    private static func readCheckpoints(_ section: ConfigSection) throws -> CheckpointPolicy {
        CheckpointPolicy(
            every: try section.integer("every", default: 100, in: intervalRange),
            keep: try section.integer("keep", default: 3, in: 1...1000))
    }

    private static func readJournal(_ section: ConfigSection) throws -> JournalPolicy {
        JournalPolicy(
            digestEvery: try section.integer("digestEvery", default: 10, in: intervalRange),
            syncEvery: try section.integer("syncEvery", default: 0, in: intervalRange))
    }

    /// Reads the settings of the activation estimator; draws on the logits have a meaning only where the head
    /// is perturbed.
    private static func readActivations(
        _ section: ConfigSection
    ) throws(ConfigError) -> ActivationSettings {
        var settings = ActivationSettings(
            head: try section.choice("head", default: .delta),
            feedback: try section.choice("feedback", default: .none),
            noise: try section.integer("noise", default: 2, in: ActivationSettings.noiseRange))
        if settings.head == .perturbation {
            settings.headDraws = try section.integer(
                "headDraws", default: settings.headDraws, in: ActivationSettings.headDrawsRange)
        } else {
            section.skip(["headDraws"], without: "population.head: perturbation")
        }
        return settings
    }

    /// Reads the settings of the rule that is named; those of another rule are refused.
    private static func readUpdate(
        _ section: ConfigSection, default rule: RuleName, _ rate: DefaultRate, _ run: ConfigSection
    ) throws(ConfigError) -> Update {
        switch try section.choice("rule", default: rule) {
        case .threshold:
            let others = "update.rule: residual or momentum"
            section.skip(scheduleKeys, without: others)
            run.skip(["phases"], without: others)
            return .threshold(
                ThresholdSchedule(
                    alphaBits: try section.integer(
                        "alphaBits", default: 4, in: ThresholdSchedule.alphaBitsRange),
                    decaySteps: try section.integer(
                        "decaySteps", default: 1000, in: ThresholdSchedule.decayRange)))
        case .residual:
            section.skip(thresholdKeys, without: "update.rule: threshold")
            return .residual(
                try readSchedule(section, rate.residual, decay: "0.001", rate.steps, run))
        case .momentum:
            section.skip(thresholdKeys, without: "update.rule: threshold")
            return .momentum(
                try readSchedule(section, rate.momentum, decay: "0", rate.steps, run))
        }
    }

    private static func readSchedule(
        _ section: ConfigSection, _ rate: String, decay: String, _ steps: Int, _ run: ConfigSection
    ) throws(ConfigError) -> ResidualSchedule {
        ResidualSchedule(
            rate: try section.decimal("rate", default: rate, in: ResidualSchedule.rateRange),
            decay: try section.decimal("decay", default: decay, in: ResidualSchedule.decayRange),
            steps: steps, phases: try SchedulePhase.read(run, before: steps))
    }

    private static func readInitialWeights(
        _ section: ConfigSection
    ) throws(ConfigError) -> InitialWeights? {
        guard let path = try section.optionalText("init") else {
            section.skip(["initWeights"], without: "run.init")
            return nil
        }
        return InitialWeights(path: path, digest: try section.digest("initWeights"))
    }

    private static func readModel(_ section: ConfigSection) throws(ConfigError) -> ModelConfig {
        let hidden = try section.integer("hidden", default: nil, in: ModelConfig.hiddenRange)
        return ModelConfig(
            hidden: hidden,
            layers: try section.integer("layers", default: nil, in: ModelConfig.layerRange),
            mlpWidth: try section.integer(
                "mlpWidth", default: min(4 * hidden, ModelConfig.mlpRange.upperBound),
                in: ModelConfig.mlpRange),
            gate: try section.choice("gate", default: .identity),
            candidate: try section.choice("candidate", default: .identity),
            mlp: try section.choice("mlp", default: .identity))
    }

    private static func readPopulation(
        _ section: ConfigSection
    ) throws(ConfigError) -> Population {
        Population(
            size: try section.integer("size", default: nil, in: Population.sizeRange),
            groupSize: try section.integer("groupSize", default: 2, in: 1...1 << 24),
            segmentTokens: try section.integer(
                "segmentTokens", default: nil, in: Population.segmentRange))
    }

    /// Reads what only noise on the weights has.
    private static func readNoise(
        _ section: ConfigSection, into population: inout Population
    ) throws(ConfigError) {
        population.sampling = try section.choice("sampling", default: .antithetic)
        population.sigmaShift = try section.integer(
            "sigmaShift", default: 4, in: Population.sigmaShiftRange)
        population.noiseReuse = try section.integer(
            "noiseReuse", default: 1, in: Population.noiseReuseRange)
        population.sequencesPerMember = try section.integer(
            "sequencesPerMember", default: 1, in: Population.sequenceRange)
    }
}
