import Checkpoints
import EvolutionStrategy
import IntegerTensor
import Journal
import RecurrentLM
import Storage
import TokenShards

/// A training run: segments in, a better model out, every step logged.
///
/// The final weights depend on the config and the shards only: not on threads, kernel, interruptions
/// or the machine.
public final class Trainer {
    public let config: RunConfig
    /// The run directory.
    public let output: String
    public private(set) var parameters: Parameters
    /// Steps done.
    public private(set) var step = 0
    public private(set) var lastValidation: ValidationResult?
    public private(set) var bestValidation: (step: Int, bitsPerByteQ32: Int64)?
    /// What was found damaged when the run was continued, and what was done about it.
    public let notices: [String]

    let directory: RunDirectory
    /// Held for as long as the trainer lives.
    private let lock: DirectoryLock
    let dataIdentity: UInt64
    let estimator: any Estimator
    let rule: any UpdateRule
    private let votes: Votes
    private let validator: Validator?
    let reader: SegmentReader
    private let log: MetricsLog
    private let journal: RunJournal
    private let clock: RunClock
    private var validatedStep: Int?
    private var savedStep: Int?

    /// Prepares a run, or continues one.
    ///
    /// Everything that can be wrong is checked before anything is written but the empty lock of a run
    /// that is continued. The run directory is locked for as long as the trainer lives.
    /// - Parameters:
    ///   - config: What to train, on what and for how long.
    ///   - output: The run directory.
    ///   - resume: Continue from the newest checkpoint, or begin where there is none.
    ///   - kernel: The kernel of the forward pass; no result depends on it.
    ///   - threads: Threads that work; no result depends on them.
    /// - Throws: `UserError`s that name the file and what to do.
    public init(
        config: RunConfig, output: String, resume: Bool, kernel: Kernel, threads: Int
    ) throws {
        try Self.check(config, output: output, resume: resume)
        let directory = RunDirectory(path: output)
        let heldLock = resume && directory.holdsRun ? try directory.lock() : nil
        let shards = try ShardSet(directory: config.shards)
        let identity = Self.identity(of: shards)
        let start =
            heldLock == nil
            ? nil : try Self.start(config, directory, dataIdentity: XXH64.hex(identity))
        let pool = WorkerPool(threads: threads)
        parameters =
            start?.parameters
            ?? Parameters(config: config.model, seed: config.seed, scales: config.initialScales)
        estimator = config.makeEstimator(parameters: parameters, kernel: kernel, pool: pool)
        rule = config.makeRule(parameters: parameters, pool: pool)
        reader = try SegmentReader(
            shards: shards, split: .train, streams: estimator.streams,
            segmentTokens: estimator.segmentTokens, position: start?.state.position ?? 0)
        validator = try Validator(
            config.validation, shards: shards, parameters: parameters, kernel: kernel, pool: pool)
        if let state = start?.state {
            try estimator.restore(state.estimator)
            try rule.restore(state.rule)
            step = state.step
            bestValidation = state.best.map { ($0.step, $0.bitsPerByteQ32) }
            savedStep = step
        }
        let header = config.journalHeader(
            content: JournalContent(estimator.voteOrigin), dataIdentity: identity,
            initialWeights: parameters.weightsDigest)
        let plan =
            heldLock == nil
            ? JournalPlan(new: header)
            : try JournalPlan(resuming: directory.journal, header, state: start?.state)
        votes = Votes(layout: parameters.layout)
        clock = RunClock(previousMicroseconds: start?.state.wallMicroseconds ?? 0)
        self.config = config
        self.output = output
        self.directory = directory
        dataIdentity = identity
        notices = Self.notices(of: start) + plan.notices
        lock = try heldLock ?? directory.createLocked()
        for (step, _) in start?.damaged ?? [] { try directory.setAside(step: step) }
        if let state = start?.state {
            try directory.repair(
                step: state.step, best: state.best?.step, keep: config.checkpoints.keep)
        }
        try AtomicFile.write(Array(config.yaml.utf8), to: directory.config)
        journal = try RunJournal(directory.journal, plan)
        log = try MetricsLog(directory.metrics, keepingSteps: step)
    }

    /// Trains until the config's steps are done or `shouldStop` says so; the step that runs is always
    /// finished, and a checkpoint of the last step written.
    ///
    /// - Parameters:
    ///   - shouldStop: Asked before each step.
    ///   - observe: Called after each step.
    public func run(
        shouldStop: () -> Bool = { false }, observe: (StepMetrics) -> Void = { _ in }
    ) throws {
        while step < config.steps && !shouldStop() {
            clock.beginStep()
            let segment = try reader.next()
            let estimate = estimator.estimate(
                segment, parameters: parameters, step: step, votes: votes)
            let update = rule.apply(votes, to: &parameters, step: step)
            step += 1
            try record(estimate)
            clock.endStep()
            let validation = isDue(config.validation.every) ? try validate() : nil
            let metrics = metrics(estimate, update, validation)
            try log.append(metrics)
            observe(metrics)
            if isDue(config.checkpoints.every) { try save() }
        }
        if savedStep != step { try save() }
    }

    /// Enters the step that was just done into the journal, or compares it with its record there.
    private func record(_ estimate: Estimate) throws {
        try journal.record(
            estimate, votes: votes, step: step, parameters: parameters,
            withDigest: isDue(config.journal.digestEvery))
        let interval = config.journal.syncEvery
        if interval > 0 && step.isMultiple(of: interval) { try journal.sync() }
    }

    /// Whether something done every `interval` steps, and at the end, is due.
    private func isDue(_ interval: Int) -> Bool {
        step == config.steps || interval > 0 && step.isMultiple(of: interval)
    }

    private func metrics(
        _ estimate: Estimate, _ update: UpdateReport, _ validation: ValidationResult?
    ) -> StepMetrics {
        StepMetrics(
            step: step, loss: -estimate.logLikelihood, lossFractionBits: estimate.loss.fractionBits,
            memberTokens: estimate.memberTokens,
            changedWeights: update.changed, weights: update.total,
            comparisons: estimate.comparisons, ties: estimate.ties,
            stepMicroseconds: clock.stepMicroseconds, wallMicroseconds: clock.wallMicroseconds,
            multiplyAccumulates: estimator.multiplyAccumulatesPerStep, validation: validation)
    }

    /// Measures the noiseless model; nil without a validation split.
    private func validate() throws -> ValidationResult? {
        guard let validator else { return nil }
        let result = try validator.measure(parameters)
        lastValidation = result
        validatedStep = step
        return result
    }

    /// Writes a checkpoint of this step, then removes those that are no longer kept.
    private func save() throws {
        var isBest = false
        if let result = lastValidation, validatedStep == step {
            isBest = bestValidation.map { result.exactQ32 < $0.bitsPerByteQ32 } ?? true
            if isBest { bestValidation = (step, result.exactQ32) }
        }
        try log.sync()
        try journal.sync()
        try directory.publish(step: step) { path in
            try ModelCheckpoint(
                parameters: parameters, tokenizer: ByteTokenizer.name, step: step,
                seed: config.seed
            ).write(to: Paths.join(path, ModelCheckpoint.fileName))
            try trainingState.write(to: Paths.join(path, RunDirectory.trainingFile))
        }
        savedStep = step
        if isBest { try directory.markBest(step: step) }
        try directory.prune(keep: config.checkpoints.keep)
    }

    private var trainingState: TrainingState {
        func named(_ state: [(name: String, values: StateValues)]) -> [String: StateValues] {
            Dictionary(uniqueKeysWithValues: state.map { ($0.name, $0.values) })
        }
        return TrainingState(
            step: step, position: reader.position, wallMicroseconds: clock.wallMicroseconds,
            best: bestValidation.map { .init(step: $0.step, bitsPerByteQ32: $0.bitsPerByteQ32) },
            dataIdentity: XXH64.hex(dataIdentity), weightsDigest: parameters.weightsDigest,
            journalChain: XXH64.hex(journal.chain), settings: config.settings,
            estimator: named(estimator.state), rule: named(rule.state))
    }
}
