import Checkpoints
import RecurrentLM
import Storage
import TokenShards

extension Trainer {
    /// What a resumed run continues from.
    struct Start {
        let parameters: Parameters
        let state: TrainingState
    }

    /// What can be said of a run before its data is there.
    ///
    /// - Throws: ``MemoryError``, or ``ResumeError`` when the run directory holds a run and `resume` is
    ///   false.
    public static func check(_ config: RunConfig, output: String, resume: Bool) throws {
        try MemoryNeed.check(config)
        if !resume { try RunDirectory(path: output).refuseRun() }
    }

    /// The newest checkpoint in a run directory; nil for a new run.
    ///
    /// - Throws: ``ResumeError`` when it cannot be continued from.
    static func start(
        _ config: RunConfig, _ directory: RunDirectory, dataIdentity: String
    ) throws -> Start? {
        guard let step = try directory.steps().last else { return nil }
        return try load(config, directory.checkpoint(step: step), dataIdentity: dataIdentity)
    }

    private static func load(
        _ config: RunConfig, _ checkpoint: String, dataIdentity: String
    ) throws -> Start {
        let model: ModelCheckpoint
        let state: TrainingState
        do {
            model = try ModelCheckpoint.read(Paths.join(checkpoint, ModelCheckpoint.fileName))
            state = try TrainingState.read(
                Paths.join(checkpoint, RunDirectory.trainingFile), config: config,
                dataIdentity: dataIdentity)
        } catch let error as SafetensorsError {
            throw ResumeError(
                error.location, error.finding,
                remedy: "restore the file, or remove \(checkpoint) to resume from an older one")
        }
        guard model.step == state.step, model.seed == config.seed,
            model.parameters.config == config.model,
            model.parameters.weightsHash == state.weightsHash
        else {
            throw ResumeError(
                checkpoint, "its model and its training state are of different runs",
                remedy: "restore its model, or remove this checkpoint to resume from an older one")
        }
        guard state.step <= config.steps else {
            throw ResumeError(
                checkpoint, "has \(state.step) steps, the config asks for \(config.steps)",
                remedy: "raise run.steps")
        }
        return Start(parameters: model.parameters, state: state)
    }

    /// Names the training tokens: what the run reads.
    static func identity(of shards: ShardSet) -> String {
        XXH64.hex(shards.contentHash(.train))
    }

    /// XXH64 over the weights in the order of the layout: the same number for the same weights.
    public var weightsHash: String { parameters.weightsHash }
}

extension Parameters {
    /// XXH64 over the values in the order of the layout.
    var weightsHash: String {
        var hash = XXH64()
        for tensor in values {
            tensor.withUnsafeBytes { hash.update($0) }
        }
        return hash.hexDigest
    }
}
