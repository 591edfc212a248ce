import Checkpoints
import Evaluation
import EvolutionStrategy
import IntegerTensor
import Journal
import Processes
import RecurrentLM
import Storage
import TokenShards

/// A training run: segments in, a better model out, every step logged.
///
/// The final weights depend on the config and the shards only: not on threads, kernel, interruptions
/// or the machine. Of several processes each evaluates a slice of the population and does the same update, or that of
/// its slice of the weights; only the first writes files and measures the noiseless model.
/// The initializer and
/// ``run(diagnosticsEvery:observe:shouldStop:)`` are collective.
public final class Trainer {
    /// The config, as the run goes on with it.
    public let config: RunConfig
    /// The run directory.
    public let output: String
    /// The weights after ``step`` steps.
    public private(set) var parameters: Parameters
    /// The steps done.
    public private(set) var step = 0
    /// The number of tokens of the training split.
    public let trainingTokens: Int
    /// Threads of this process that work: fewer than asked for where the system refused some.
    public var threads: Int { pool.threads }
    /// The last measurement of the noiseless model; nil before the first.
    public private(set) var lastValidation: ValidationResult?
    /// The best of the measurements that were made as the config says, with its step; it has 32 fraction bits.
    public private(set) var bestValidation: (step: Int, bitsPerByteQ32: Int64)?
    /// What was found damaged when the run was continued, and what was done about it.
    public var notices: [String] { records?.notices ?? [] }

    /// The files of the run; only the first process has them.
    private let records: RunRecords?
    private let processes: any ProcessGroup
    let dataIdentity: UInt64
    private(set) var estimator: any Estimator
    private var balance: LoadBalance
    private let updateDivision: UpdateDivision
    let rule: any UpdateRule
    /// Moves the rows of contexts; nil for a model without contexts.
    private let contextRule: ContextRule?
    /// When the rows of contexts are emptied; nil where they never are.
    public let rowPasses: RowPasses?
    private let votes: Votes
    private let validator: Validator?
    let reader: SegmentReader
    private let kernel: Kernel
    private let pool: WorkerPool
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
    ///   - resume: Whether to continue the run in the run directory from its newest checkpoint, or from step 0 where it
    ///     has none.
    ///   - kernel: The kernel of the forward pass; no result depends on it.
    ///   - threads: Threads of this process that work; no result depends on them.
    ///   - processes: The processes that share the work; no result depends on them.
    ///   - sharing: How processes share the work; no result depends on it.
    ///   - makeShards: Called in every process when what can be checked without data has been, before the shards are read.
    /// - Throws: `UserError`s that name the file and what to do.
    public init(
        config: RunConfig, output: String, resume: Bool = false, kernel: Kernel = .best,
        threads: Int = WorkerPool.processorCount, processes: any ProcessGroup = SingleProcess(),
        sharing: WorkSharing = WorkSharing(), makeShards: () throws -> Void = {}
    ) throws {
        let prepared = try Preparation(
            config, output: output, resume: resume, threads: threads, processes: processes,
            makeShards: makeShards)
        let (shards, start, config) = (prepared.shards, prepared.start, prepared.config)
        let pool = WorkerPool(threads: threads)
        parameters = prepared.parameters
        step = start?.state.step ?? 0
        let weights = parameters.weightsDigest  // the rows of contexts may take seconds
        try RunAgreement.check(
            dataIdentity: prepared.dataIdentity, weights: weights, step: step,
            sharing: sharing, processes)
        balance = LoadBalance(processes, sharing, threads: pool.threads)
        updateDivision = config.divideUpdate(parameters.layout, among: balance.division)
        estimator = config.makeEstimator(
            parameters: parameters, kernel: kernel, pool: pool, division: balance.division,
            slice: updateDivision.own)
        rule = config.makeRule(parameters: parameters, pool: pool, update: updateDivision)
        contextRule = ContextRule(
            parameters, rate: type(of: config.method).rowRate, kernel: kernel, pool: pool)
        votes = Votes(layout: parameters.layout)
        clock = RunClock(previousMicroseconds: start?.state.wallMicroseconds ?? 0)
        self.config = config
        self.output = output
        self.processes = processes
        self.kernel = kernel
        self.pool = pool
        dataIdentity = prepared.dataIdentity
        trainingTokens = shards.tokenCount(.train)
        let header = config.journalHeader(
            content: config.method.voteOrigin(for: config.model), dataIdentity: dataIdentity,
            initialWeights: weights)
        let (estimator, rule, contextRule) = (estimator, rule, contextRule)
        let parameters = parameters
        (reader, validator, records) = try processes.together {
            let reader = try SegmentReader(
                shards: shards, split: .train, streams: estimator.streams,
                segmentTokens: estimator.segmentTokens, position: start?.state.position ?? 0)
            if let state = start?.state {
                try estimator.restore(state.estimator)
                try rule.restore(state.rule)
                try state.restore(
                    contextRule?.state ?? [],
                    from: prepared.directory.trainingState(step: state.step))
            }
            guard processes.isFirst else { return (reader, nil, nil) }
            let validator = try Validator(
                config.validation, shards: shards, parameters: parameters, kernel: kernel,
                pool: pool)
            let records = try RunRecords(
                prepared.directory, config, header, heldLock: prepared.heldLock, start: start,
                machine: MachineRecord(
                    step: start?.state.step ?? 0, kernel: kernel.name, threads: pool.threads,
                    processes: processes.count, machine: Machine()))
            return (reader, validator, records)
        }
        rowPasses = RowPasses(config, segmentsPerPass: reader.segmentsPerPass)
        if let state = start?.state { takeUp(state) }
    }

    /// Restores what a run that is continued has saved and measured.
    private func takeUp(_ state: TrainingState) {
        savedStep = state.step
        if let best = state.best, best.measure == validator?.measure {
            bestValidation = (best.step, best.bitsPerByteQ32)
        }
    }

    /// Trains until the config's steps are done or `shouldStop` says so; the step that runs is always
    /// finished, and a checkpoint of the last step written.
    ///
    /// - Parameters:
    ///   - diagnosticsEvery: Steps between looks at every tensor and activation; 0 for none; the same in all
    ///     processes. It changes the log, never a result.
    ///   - observe: It is called after each step.
    ///   - shouldStop: It is asked before each step; the answer must be the same in all processes.
    /// - Throws: `SharedFailure` when the weights of processes or `diagnosticsEvery` differ, else an error that the
    ///   other processes do not know of: end them with `ProcessGroup.abort(_:)`.
    public func run(
        diagnosticsEvery: Int = 0, observe: (StepMetrics) -> Void = { _ in },
        shouldStop: () -> Bool = { false }
    ) throws {
        try processes.requireSame([("the steps between looks at tensors", "\(diagnosticsEvery)")])
        while step < config.steps && !shouldStop() {
            clock.beginStep()
            emptyRowsIfDue()
            let segment = try reader.next()
            let estimate = estimator.estimate(
                segment, parameters: parameters, step: step, votes: votes)
            let isWatched = diagnosticsEvery > 0 && (step + 1).isMultiple(of: diagnosticsEvery)
            let before = isWatched && processes.isFirst ? parameters : nil
            if isWatched { updateDivision.complete(votes) }
            let update = rule.apply(votes, to: &parameters, step: step)
            votes.contexts.map {
                contextRule?.apply($0, step: step, schedule: config.method.rule.schedule)
            }
            step += 1
            let digestIsDue = isDue(config.journal.digestEvery)
            if digestIsDue { try processes.requireSameWeights(parameters, step: step) }
            try records?.enter(
                votes, step: step, parameters: parameters,
                withDigest: digestIsDue)
            clock.endStep()
            let validation = isDue(config.validation.every) ? try validate() : nil
            var metrics = metrics(estimate, update, validation)
            metrics.diagnostics = before.map { diagnose($0, update, on: segment) }
            try records?.append(metrics)
            observe(metrics)
            if isDue(config.checkpoints.every) { try save() }
            try rebalance(after: estimate)
        }
        if savedStep != step { try save() }
    }

    /// Empties the rows of contexts where the text is read once more.
    private func emptyRowsIfDue() {
        guard let rowPasses, rowPasses.begin(before: step, of: config.plannedSteps(at: step))
        else { return }
        contextRule?.clear()
    }

    /// Gives each process a slice by its measured speed, where that helps.
    private func rebalance(after estimate: Estimate) throws {
        guard step < config.steps, balance.moves(after: estimate, of: estimator.sharedWork) else {
            return
        }
        let state = processes.broadcast(estimator.state)
        estimator = config.makeEstimator(
            parameters: parameters, kernel: kernel, pool: pool, division: balance.division,
            slice: updateDivision.own)
        try estimator.restore(state)
    }

    /// Whether something done every `interval` steps, and at the end, is due.
    private func isDue(_ interval: Int) -> Bool {
        step == config.steps || interval > 0 && step.isMultiple(of: interval)
    }

    /// Looks at what a step did, after the step.
    private func diagnose(
        _ before: Parameters, _ update: UpdateReport, on segment: Segment
    ) -> StepDiagnostics {
        StepDiagnostics(
            before: before, after: parameters, votes: votes, pace: update.pace,
            activations: SaturationProbe.measure(
                PreparedModel(parameters, kernel: kernel), on: segment))
    }

    private func metrics(
        _ estimate: Estimate, _ update: UpdateReport, _ validation: ValidationResult?
    ) -> StepMetrics {
        StepMetrics(
            step: step, loss: -estimate.logLikelihood, lossFractionBits: estimate.loss.fractionBits,
            memberTokens: estimate.memberTokens,
            changedWeights: update.changed, weights: update.total, pace: update.pace,
            comparisons: estimate.comparisons, ties: estimate.ties,
            stepMicroseconds: clock.stepMicroseconds, wallMicroseconds: clock.wallMicroseconds,
            multiplyAccumulates: estimator.multiplyAccumulatesPerStep, validation: validation)
    }

    /// Measures the noiseless model; nil without a validation split.
    private func validate() throws -> ValidationResult? {
        guard let validator else { return nil }
        let result = try validator.score(parameters)
        lastValidation = result
        validatedStep = step
        return result
    }

    /// Writes a checkpoint of this step, then removes those that are no longer kept.
    private func save() throws {
        let states = (estimator.state, rule.state)  // gathered from all processes
        savedStep = step
        guard let records else { return }
        var isBest = false
        if let result = lastValidation, validatedStep == step {
            isBest = bestValidation.map { result.exactQ32 < $0.bitsPerByteQ32 } ?? true
            if isBest { bestValidation = (step, result.exactQ32) }
        }
        try records.sync()
        let directory = records.directory
        try directory.publish(step: step) { path in
            try ModelCheckpoint(
                parameters: parameters, tokenizer: ByteTokenizer.name, step: step,
                seed: config.seed
            ).write(to: Paths.join(path, ModelCheckpoint.fileName))
            try trainingState(states, journalChain: records.journalChain)
                .write(
                    to: Paths.join(path, RunDirectory.trainingFile), parameters.layout,
                    contexts: contextRule?.state ?? [])
        }
        if isBest { try directory.markBest(step: step) }
        try directory.prune(keep: config.checkpoints.keep)
    }

    private func trainingState(
        _ states: (estimator: EstimatorState, rule: WeightState), journalChain: String
    ) -> TrainingState {
        TrainingState(
            step: step, position: reader.position, wallMicroseconds: clock.wallMicroseconds,
            best: bestValidation.map {
                .init(
                    step: $0.step, bitsPerByteQ32: $0.bitsPerByteQ32,
                    measure: validator?.measure ?? "")
            },
            dataIdentity: XXH64.hex(dataIdentity), weightsDigest: parameters.weightsDigest,
            journalChain: journalChain, settings: config.settings,
            estimator: states.estimator, rule: states.rule)
    }
}
