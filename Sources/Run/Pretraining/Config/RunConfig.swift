import Diagnostics
import EvolutionStrategy
import RecurrentLM
import Settings

/// Everything that a training run depends on, as its YAML file and the defaults say.
public struct RunConfig: Sendable {
    /// The directory of shards, made by `tokenize`.
    public var shards: String
    /// The bytes of stories that `pretrain` makes the shards from where the directory is missing; 0
    /// makes none. It is always 0 where an override gives the shards and none gives this.
    public var storybookBytes: Int
    /// The shape of the model.
    public var model: ModelConfig
    /// The deviations of the random initial weights.
    public var initialScales: InitialScales
    /// How the weights are found: the population, its votes and the rule.
    public var method: any Method
    /// The steps of the run.
    public var steps: Int
    /// The seed of the run, from which initial weights and noise follow.
    public var seed: UInt64
    /// The checkpoint whose weights the run begins with, instead of random ones.
    public internal(set) var initialWeights: InitialWeights?
    /// When and on how much to measure the noiseless model.
    public var validation: Validation
    /// When to write checkpoints and how many to keep.
    public var checkpoints: CheckpointPolicy
    /// What the journal holds, and when it is made durable.
    public var journal: JournalPolicy
    /// In which forms the figures of each step are written.
    public var metrics: MetricsPolicy

    /// A checkpoint that a run begins with.
    public struct InitialWeights: Equatable, Sendable {
        /// A model file, a checkpoint directory or a run directory.
        public var path: String
        /// XXH64 of its weights; nil until it was read.
        public var digest: UInt64?
    }

    /// The members and what they read.
    public var population: Population { method.population }

    /// The steps that were done while the run was to have another number of them; none for a rule whose rate does not
    /// depend on it.
    public internal(set) var phases: [SchedulePhase] {
        get { method.rule.schedule?.phases ?? [] }
        set { method.rule.schedule?.phases = newValue }
    }

    /// When and on how much to measure the noiseless model.
    public struct Validation: Equatable, Sendable {
        /// The steps between measurements; 0 measures only at the end.
        public var every: Int
        /// The tokens of the validation split that are read, from its start; 0 reads all.
        public var tokens: Int
        /// The streams that they are cut into, each with a state of its own.
        public var streams: Int
    }

    /// When to write checkpoints and how many to keep.
    public struct CheckpointPolicy: Equatable, Sendable {
        /// The steps between checkpoints; 0 writes only at the end.
        public var every: Int
        /// The number of newest checkpoints that are kept, besides the best.
        public var keep: Int
    }

    /// What the journal holds besides the fitness of each step, and when it is made durable.
    public struct JournalPolicy: Equatable, Sendable {
        /// The steps between digests of the weights; 0 computes one only at the end.
        public var digestEvery: Int
        /// The steps after which the journal is synced even without a checkpoint; 0 syncs at checkpoints only.
        public var syncEvery: Int
    }

    /// In which forms the figures of each step are written, besides `metrics.jsonl`.
    public struct MetricsPolicy: Equatable, Sendable {
        /// Whether there is an event file for TensorBoard too.
        public var tensorboard: Bool
    }

    /// The most bytes that a config file may have.
    static let sizeLimit = ConfigDocument.sizeLimit

    private static let sections = [
        "data", "model", "population", "update", "run", "validation", "checkpoints", "journal",
        "metrics",
    ]
    private static let storybookRange = 0...1 << 40
    static let stepRange = 1...SchedulePhase.mostSteps
    private static let intervalRange = 0...1_000_000_000

    /// Reads a config and checks that its parts fit together.
    ///
    /// - Parameters:
    ///   - file: The YAML file.
    ///   - overrides: Texts `section.key=value` that go before the file's values.
    ///   - registry: The methods and rules that the config may name.
    /// - Throws: `ConfigError` with the place of the first problem, or `FileError`.
    public init(
        file: String, overrides: [String] = [], registry: MethodRegistry = .standard
    ) throws {
        do {
            try self.init(try ConfigDocument(file: file, overrides: overrides), registry)
        } catch let error as ConfigError where !error.isOverride {
            throw Self.blaming(overrides, of: file, registry, for: error)
        }
    }

    /// Reads a config; an error at a place of the file that an override caused names the override first.
    private static func blaming(
        _ overrides: [String], of file: String, _ registry: MethodRegistry, for error: ConfigError
    ) -> ConfigError {
        func isSound(_ count: Int) -> Bool {
            let document = try? ConfigDocument(
                file: file, overrides: Array(overrides.prefix(count)))
            return document.flatMap { try? RunConfig($0, registry) } != nil
        }
        guard let cause = overrides.indices.first(where: { isSound($0) && !isSound($0 + 1) }) else {
            return error
        }
        let place = error.location == file ? "" : " (\(error.location))"
        return ConfigError(
            ConfigError.overridePrefix + overrides[cause], error.finding + place,
            remedy: error.remedy)
    }

    private init(_ document: ConfigDocument, _ registry: MethodRegistry) throws {
        document.declare(sections: Self.sections, keys: [MethodReader.key])
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
        let modelSection = document.section("model")
        model = try Self.readModel(modelSection)
        method = try MethodReader(document, steps: steps, registry: registry).read()
        initialScales = InitialScales(
            recurrent: try modelSection.integer(
                "recurrentScale", default: 16, in: InitialScales.range),
            head: try modelSection.integer("headScale", default: 16, in: InitialScales.range))
        validation = try Self.readValidation(document.section("validation"))
        checkpoints = try Self.readCheckpoints(document.section("checkpoints"))
        journal = try Self.readJournal(document.section("journal"))
        metrics = MetricsPolicy(
            tensorboard: try document.section("metrics").truth("tensorboard", default: false))
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
        var model = ModelConfig(
            hidden: hidden,
            layers: try section.integer("layers", default: nil, in: ModelConfig.layerRange),
            mlpWidth: try section.integer(
                "mlpWidth", default: min(4 * hidden, ModelConfig.mlpRange.upperBound),
                in: ModelConfig.mlpRange),
            gate: try section.choice("gate", default: .identity),
            mlp: try section.choice("mlp", default: .identity))
        try readContexts(section, into: &model)
        return model
    }

    /// The rows of the contexts unless a config says otherwise: they take 128 MiB at most.
    private static let defaultContextRows = 1 << 21

    private static func readContexts(
        _ section: ConfigSection, into model: inout ModelConfig
    ) throws(ConfigError) {
        model.contexts = try section.list(
            "contexts", of: "numbers of bytes from 1 to 7, word or word-pair",
            read: ContextKind.init(name:))
        guard !model.contexts.isEmpty else {
            section.skip(["contextRows", "direct"], without: "model.contexts")
            return
        }
        model.contextRows = try section.integer(
            "contextRows", default: defaultContextRows, in: ModelConfig.contextRowRange)
        model.direct = try section.truth("direct", default: false)
    }
}

extension RunConfig: Equatable {
    /// Whether all settings are the same; they are all that a config holds.
    public static func == (one: RunConfig, other: RunConfig) -> Bool {
        one.settings == other.settings
    }
}
