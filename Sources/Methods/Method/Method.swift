import IntegerTensor
import RecurrentLM
import Settings

/// A way to train: what a population tries, how that becomes votes, and how the weights follow the votes.
///
/// A value of a method holds its settings. Trainer, log, journal and checkpoints know a method by this protocol only,
/// so that a new one is a folder of its own and a line in ``MethodRegistry``. A package that depends on this one adds
/// its methods to a registry and hands that to `RunConfig`.
public protocol Method: Sendable {
    /// What `method:` says in a config.
    static var name: String { get }
    /// The keys of the section `population` that this method reads besides those of every method.
    static var keys: [String] { get }
    /// The update rules that its votes can be used by; the first is the default.
    static var rules: [any RuleSettings.Type] { get }

    /// Reads the sections `population` and `update` and what else the method owns.
    /// - Throws: `ConfigError` at the place of a value that cannot be.
    init(_ reader: MethodReader) throws(ConfigError)

    /// The settings of the section `population` with every default filled in, in the order of the resolved config.
    var settings: [Setting] { get }
    /// The members and what they read.
    var population: Population { get }
    /// The fraction bits of the members' losses.
    var loss: LossResolution { get }
    /// How the weights follow the votes.
    var rule: any RuleSettings { get set }

    /// Checks ranges and the bounds of all accumulations against a model.
    /// - Throws: `ModelError` that names the setting as its location, such as `population.size`.
    func validate(for model: ModelConfig) throws(ModelError)

    /// What a run holds in memory besides the model and the state of the rule.
    /// - Parameters:
    ///   - model: The shape of the model.
    ///   - threads: The threads of this process that work.
    func memory(for model: ModelConfig, threads: Int) -> MethodMemory

    /// What the votes of a step for such a model can be had from again; ``VoteOrigin/evaluation`` unless the method says
    /// otherwise.
    func voteOrigin(for model: ModelConfig) -> VoteOrigin

    /// Directions whose votes every process would count by itself, for the decision whether processes divide the
    /// update; it is 0 where the votes of processes are added up anyhow.
    var directionsToCount: Int { get }

    /// How far a credit moves an input row of a model's contexts.
    static var rowRate: RowRate { get }

    /// Whether the rows of contexts learn a text by heart in one reading, and must be empty before the next.
    static var rowsLearnByHeart: Bool { get }

    /// The source of votes, in its first state.
    func makeEstimator(_ resources: MethodResources) -> any Estimator

    /// Counts votes from fitness that was kept; nil where they do not follow from it.
    func makeReplay(
        layout: ParameterLayout, seed: UInt64, kernel: Kernel, pool: WorkerPool
    ) -> (any VoteReplay)?
}

extension Method {
    /// A setting's key and its value as a config has it.
    public typealias Setting = (key: String, value: String)

    /// No keys of its own.
    public static var keys: [String] { [] }
    /// Votes that only another evaluation gives.
    public func voteOrigin(for model: ModelConfig) -> VoteOrigin { .evaluation }
    /// 0: the votes of processes are added up.
    public var directionsToCount: Int { 0 }
    /// Nil: votes do not follow from fitness.
    public func makeReplay(
        layout: ParameterLayout, seed: UInt64, kernel: Kernel, pool: WorkerPool
    ) -> (any VoteReplay)? { nil }
}

/// What a method makes its estimator with.
public struct MethodResources: Sendable {
    /// The weights that the run begins or continues with.
    public let parameters: Parameters
    /// The seed of the run; all noise follows from it.
    public let seed: UInt64
    /// The kernel of the forward pass; no result depends on it.
    public let kernel: Kernel
    /// The threads that share the work; no result depends on them.
    public let pool: WorkerPool
    /// How the population is divided among processes; no result depends on it.
    public let division: WorkDivision
    /// The weights whose votes this process needs; the estimator may leave the others out.
    public let slice: WeightSlice

    /// Collects the resources of one process of a run; the slice is the whole model unless given.
    public init(
        parameters: Parameters, seed: UInt64, kernel: Kernel, pool: WorkerPool,
        division: WorkDivision = .undivided, slice: WeightSlice? = nil
    ) {
        self.parameters = parameters
        self.seed = seed
        self.kernel = kernel
        self.pool = pool
        self.division = division
        self.slice = slice ?? WeightSlice(parameters.layout)
    }
}

/// What a method holds in memory, in bytes where nothing else is said.
public struct MethodMemory: Equatable, Sendable {
    /// Hidden states that are kept from segment to segment; each is a row of all layers.
    public var stateRows: Int
    /// The bytes of a step's scores.
    public var scoreBytes: Int
    /// Weights besides the model's, each with a fine weight and a momentum.
    public var learnedWeights: Int
    /// The bytes of the credits that a step gives the rows of contexts.
    public var creditBytes: Int
    /// Bytes that each thread keeps for a whole step.
    public var bytesPerThread: Int
    /// The most bytes that each thread's block of rows takes besides.
    public var mostBlockBytes: Int

    /// A method's need of memory.
    public init(
        stateRows: Int, scoreBytes: Int = 0, learnedWeights: Int = 0, creditBytes: Int = 0,
        bytesPerThread: Int = 0, mostBlockBytes: Int
    ) {
        self.stateRows = stateRows
        self.scoreBytes = scoreBytes
        self.learnedWeights = learnedWeights
        self.creditBytes = creditBytes
        self.bytesPerThread = bytesPerThread
        self.mostBlockBytes = mostBlockBytes
    }
}
