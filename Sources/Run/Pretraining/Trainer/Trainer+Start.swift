import Checkpoints
import Processes
import RecurrentLM
import Storage
import TokenShards

extension Trainer {
    /// What a resumed run continues from.
    struct Start {
        let parameters: Parameters
        let state: TrainingState
        /// The config to go on with; a run that is continued with another number of steps has its phases there.
        var config: RunConfig
        /// Whether those phases are new: the journal's steps after the checkpoint are then done again in another way.
        var isReplanned = false
        /// Newer checkpoints that cannot be used, and why.
        var damaged: [(step: Int, damage: CheckpointDamage)] = []
    }

    /// Checks what can be said of a run before its data is there. Collective.
    /// - Throws: ``MemoryError``; ``ResumeError`` when the run directory holds a run and `resume` is false, or none and
    ///   it is true, or files that `pretrain` did not write are in the way; `SharedFailure` where processes differ in
    ///   program or config.
    static func check(
        _ config: RunConfig, output: String, resume: Bool, threads: Int,
        processes: any ProcessGroup = SingleProcess()
    ) throws {
        try RunAgreement.check(config, output: output, resume: resume, processes)
        try processes.together {
            try MemoryNeed.check(config, threads: threads)
            guard processes.isFirst else { return }
            let directory = RunDirectory(path: output)
            try resume
                ? directory.requireRun(resolving: Array(config.yaml.utf8)) : directory.requireFree()
        }
    }

    /// The newest sound checkpoint in a run directory; nil where there is none at all.
    ///
    /// - Throws: ``ResumeError`` when it cannot be continued from, or none is sound.
    static func start(
        _ config: RunConfig, _ directory: RunDirectory, dataIdentity: String
    ) throws -> Start? {
        var damaged: [(step: Int, damage: CheckpointDamage)] = []
        for step in try directory.steps().reversed() {
            try directory.requireOwnCheckpoint(step: step)
            do {
                var start = try load(config, directory, step: step, dataIdentity: dataIdentity)
                start.damaged = damaged
                return start
            } catch let damage as CheckpointDamage {
                damaged.append((step, damage))
            }
        }
        guard let newest = damaged.first?.damage else { return nil }
        throw ResumeError(
            newest.location, newest.finding,
            remedy:
                "restore the file; no older checkpoint is sound, but without any --resume does all"
                + " steps again")
    }

    /// What there is to say of the checkpoints that were passed over.
    static func notices(of start: Start?) -> [String] {
        guard let start else { return [] }
        let replanned =
            start.isReplanned
            ? [
                "the first \(start.state.step) steps had the rates of a run of"
                    + " \(start.config.phases.last?.steps ?? 0) steps; from here on they are those of a run of"
                    + " \(start.config.steps)"
            ] : []
        return start.damaged.map { _, damage in
            "\(damage.location): \(damage.finding); set aside, the run continues after step"
                + " \(start.state.step)"
        } + replanned
    }

    static func load(
        _ config: RunConfig, _ directory: RunDirectory, step: Int, dataIdentity: String
    ) throws -> Start {
        let checkpoint = directory.checkpoint(step: step)
        let model: ModelCheckpoint
        let state: TrainingState
        do {
            state = try TrainingState.read(
                directory.trainingState(step: step), config: config,
                dataIdentity: dataIdentity)
            model = try ModelCheckpoint.read(Paths.join(checkpoint, ModelCheckpoint.fileName))
        } catch let error as SafetensorsError where error.cause?.isMissing ?? true {
            // A file that is there and cannot be read may be sound: that error is the user's to mend.
            throw CheckpointDamage(error.location, error.finding)
        }
        guard model.step == state.step, model.step == step, model.seed == config.seed,
            model.parameters.config == config.model,
            model.parameters.weightsDigest == state.weightsDigest
        else {
            throw CheckpointDamage(
                checkpoint, "its name, its model and its training state do not belong together")
        }
        guard state.step <= config.steps else {
            throw ResumeError(
                checkpoint, "has \(state.step) steps, the config asks for \(config.steps)",
                remedy: "raise run.steps")
        }
        guard let continued = config.continuing(state.plan, after: state.step) else {
            throw ResumeError(
                checkpoint, "its first \(state.step) steps were not those that run.phases says",
                remedy: "leave run.phases out, or use another --output for a new run")
        }
        return Start(
            parameters: model.parameters, state: state, config: continued,
            isReplanned: continued != config)
    }

    /// A hash that names the training tokens: what the run reads.
    static func identity(of shards: ShardSet) -> UInt64 { shards.contentHash(.train) }

    /// XXH64 over the weights in the order of the layout, as 16 hexadecimal digits; equal weights have equal hashes.
    public var weightsHash: String { parameters.weightsHash }
}

/// What a run begins or continues with, found and checked before anything is written. Collective.
struct Preparation {
    let directory: RunDirectory
    /// The config as the run goes on with it.
    let config: RunConfig
    /// The lock of a run that is continued; only the first process has it.
    let heldLock: DirectoryLock?
    let shards: ShardSet
    let dataIdentity: UInt64
    /// What the run continues from; nil for a run from step 0.
    let start: Trainer.Start?
    /// The weights to begin or continue with.
    let parameters: Parameters

    init(
        _ config: RunConfig, output: String, resume: Bool, threads: Int,
        processes: any ProcessGroup, makeShards: () throws -> Void
    ) throws {
        try Trainer.check(
            config, output: output, resume: resume, threads: threads, processes: processes)
        let config = try processes.together {
            try makeShards()
            return try config.resolvingInitialWeights()
        }
        let directory = RunDirectory(path: output)
        (heldLock, shards) = try processes.together {
            let shards = try ShardSet(directory: config.shards)
            try shards.verifyFiles()
            return (processes.isFirst && resume ? try directory.lock() : nil, shards)
        }
        dataIdentity = Trainer.identity(of: shards)
        start = try Trainer.agreedStart(
            config, directory, continues: heldLock != nil, dataIdentity: XXH64.hex(dataIdentity),
            processes)
        let start = start
        self.config = start?.config ?? config
        parameters = try processes.together {
            try start?.parameters ?? config.makeInitialParameters()
        }
        self.directory = directory
    }
}
