import Checkpoints
import Diagnostics
import EvolutionStrategy
import IntegerTensor
import Journal
import RecurrentLM
import Storage
import TokenShards

/// A run that cannot be rebuilt from its journal.
public struct ReplayError: UserError {
    /// The file of the run that is wrong.
    public let location: String
    /// What was found there.
    public let finding: String
    /// What to do about it.
    public let remedy: String

    init(_ location: String, _ finding: String, remedy: String) {
        self.location = location
        self.finding = finding
        self.remedy = remedy
    }
}

/// The weights of a run, rebuilt step by step from its config and journal, without a forward pass.
///
/// Every step does what training did after its evaluation: fitness to votes, votes to weights. Every digest of
/// the journal is compared. The text is needed only for a model with contexts, whose rows it chooses.
public final class Replay {
    /// The config of the run.
    public let config: RunConfig
    /// The weights after the steps replayed.
    public private(set) var parameters: Parameters
    /// The number of steps replayed.
    public private(set) var step = 0
    /// The last step whose digest was compared; 0 is that of the initial weights.
    public private(set) var verifiedStep = 0
    /// The number of digests compared, that of the initial weights included.
    public private(set) var digests = 1
    /// The bytes of the journal's header and of the records replayed.
    public var journalBytes: Int { journal.position.bytes }
    /// The bytes of the run's config.
    public let configBytes: Int

    private let directory: RunDirectory
    private var journal: JournalReader
    private let rule: any UpdateRule
    private let replay: any VoteReplay
    private let votes: Votes
    /// Moves the rows of contexts; nil for a model without them.
    private let contextRule: ContextRule?
    /// Reads what the run has read; nil for a model without contexts.
    private let reader: SegmentReader?

    /// Opens the journal of a run and makes the run's initial weights.
    /// - Parameters:
    ///   - run: The run's directory.
    ///   - kernel: The kernel; no result depends on it.
    ///   - threads: The threads that share the work.
    ///   - registry: The methods and rules that the run may name.
    /// - Throws: ``ReplayError`` when they cannot be rebuilt, `JournalError`, `ConfigError` or `FileError`.
    public init(
        run: String, kernel: Kernel, threads: Int, registry: MethodRegistry = .standard
    ) throws {
        directory = RunDirectory(path: run)
        guard try Files.kind(directory.config) == .file,
            try Files.kind(directory.journal) == .file
        else {
            throw ReplayError(
                run, "holds no run with a journal", remedy: "name a run directory of pretrain")
        }
        config = try RunConfig(file: directory.config, registry: registry)
        configBytes = config.yaml.utf8.count
        try MemoryNeed.check(config, threads: 1)
        journal = try JournalReader(directory.journal)
        parameters = try config.makeInitialParameters()
        let pool = WorkerPool(threads: threads)
        replay = try Self.makeReplay(config, parameters, directory, kernel, pool)
        try Self.check(journal.header, config, parameters, directory)
        rule = config.makeRule(
            parameters: parameters, pool: pool, update: .undivided(parameters.layout))
        votes = Votes(layout: parameters.layout)
        contextRule = ContextRule(
            parameters, rate: type(of: config.method).rowRate, kernel: kernel, pool: pool)
        reader = contextRule == nil ? nil : try Self.makeReader(config, journal.header, directory)
    }

    /// Opens the text that the run has read.
    private static func makeReader(
        _ config: RunConfig, _ header: JournalHeader, _ directory: RunDirectory
    ) throws -> SegmentReader {
        let shards = try ShardSet(directory: config.shards)
        guard Trainer.identity(of: shards) == header.dataIdentity else {
            throw ReplayError(
                config.shards, "are other training shards than those that the run has read",
                remedy:
                    "restore them where \(directory.config) says; the contexts of the model need the text"
            )
        }
        return try SegmentReader(
            shards: shards, split: .train, streams: config.population.streams,
            segmentTokens: config.population.segmentTokens)
    }

    private static func check(
        _ header: JournalHeader, _ config: RunConfig, _ parameters: Parameters,
        _ directory: RunDirectory
    ) throws(ReplayError) {
        func refuse(_ finding: String, _ remedy: String) -> ReplayError {
            ReplayError(directory.journal, finding, remedy: remedy)
        }
        guard header.firstStep == 0 else {
            throw refuse(
                "begins after step \(header.firstStep), as the one before it was lost",
                "use the run's checkpoints")
        }
        guard header.seed == config.seed, header.configIdentity == config.identity,
            header.content == config.method.voteOrigin(for: config.model)
        else {
            throw refuse(
                "was made with other settings than those in \(directory.config)",
                "restore the config of the run")
        }
        let digest = parameters.weightsDigest
        guard header.initialWeights == digest else {
            throw refuse(
                "the initial weights have the digest \(XXH64.hex(digest)), the journal says"
                    + " \(XXH64.hex(header.initialWeights))",
                "use the version of the toolkit that made the run")
        }
    }

    private static func makeReplay(
        _ config: RunConfig, _ parameters: Parameters, _ directory: RunDirectory,
        _ kernel: Kernel, _ pool: WorkerPool
    ) throws(ReplayError) -> any VoteReplay {
        let replay = config.method.makeReplay(
            layout: parameters.layout, seed: config.seed, kernel: kernel, pool: pool)
        guard let replay else {
            throw ReplayError(
                directory.journal,
                "holds digests of votes and no fitness: the votes of this run can only be had from the data"
                    + " again",
                remedy: "train the run again, or use its checkpoints")
        }
        return replay
    }

    /// Replays the next step.
    /// - Returns: False at the end of the journal.
    /// - Throws: ``ReplayError`` where the weights differ from the journal's digest, `JournalError` where the
    ///   journal is damaged, or `FileError`.
    public func advance() throws -> Bool {
        guard let record = try journal.next(), case .fitness(let fitness) = record.outcome else {
            return false
        }
        replay.count(fitness, on: try reader?.next(), step: step, into: votes)
        _ = rule.apply(votes, to: &parameters, step: step)
        votes.contexts.map {
            contextRule?.apply($0, step: step, schedule: config.method.rule.schedule)
        }
        step = record.step
        if let expected = record.weightsDigest {
            try compare(parameters.layoutDigest, with: expected, in: directory.journal)
            digests += 1
            verifiedStep = step
        }
        return true
    }

    /// Compares the weights with the checkpoint of this step, where the run keeps one.
    /// - Returns: Whether the run keeps one.
    /// - Throws: ``ReplayError`` where they differ, or `SafetensorsError`.
    public func compareWithCheckpoint() throws -> Bool {
        let path = Paths.join(directory.checkpoint(step: step), ModelCheckpoint.fileName)
        guard try Files.kind(path) != nil else { return false }
        let model = try ModelCheckpoint.read(path)
        try compare(parameters.weightsDigest, with: model.parameters.weightsDigest, in: path)
        return true
    }

    /// The step of the newest checkpoint that the run keeps; 0 without one.
    /// - Throws: `FileError` when the run's directory cannot be read.
    public func newestCheckpoint() throws -> Int { try directory.steps().last ?? 0 }

    private func compare(
        _ found: UInt64, with expected: UInt64, in path: String
    ) throws(ReplayError) {
        guard found != expected else { return }
        throw ReplayError(
            "\(path): step \(step)",
            "the replayed weights have the digest \(XXH64.hex(found)), the run had"
                + " \(XXH64.hex(expected)); they agreed last after step \(verifiedStep)",
            remedy:
                "use the version of the toolkit that made the run; if it is this one, check the machine"
        )
    }

    /// The model as `pretrain` would have saved it after this step.
    public var checkpoint: ModelCheckpoint {
        ModelCheckpoint(
            parameters: parameters, tokenizer: ByteTokenizer.name, step: step, seed: config.seed)
    }

    /// XXH64 of the weights, as 16 hexadecimal digits.
    public var weightsHash: String { parameters.weightsHash }
}
