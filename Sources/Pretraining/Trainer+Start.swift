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

    /// The newest usable checkpoint of a resumed run; nil for a new run.
    ///
    /// - Throws: ``ResumeError`` when the directory holds a run and `resume` is false, or no
    ///   checkpoint can be continued from.
    static func start(
        _ config: RunConfig, _ directory: RunDirectory, resume: Bool, dataIdentity: String
    ) throws -> Start? {
        guard resume else {
            guard !directory.holdsRun else {
                throw ResumeError(
                    directory.path, "already holds a run",
                    remedy: "continue it with --resume or choose another --output")
            }
            return nil
        }
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
        guard model.step == state.step, model.parameters.config == config.model else {
            throw ResumeError(
                checkpoint, "its model and its training state are of different runs",
                remedy: "remove this checkpoint and resume from the one before it")
        }
        guard state.step <= config.steps else {
            throw ResumeError(
                checkpoint, "has \(state.step) steps, the config asks for \(config.steps)",
                remedy: "raise run.steps")
        }
        return Start(parameters: model.parameters, state: state)
    }

    /// A hash over the hashes of the training shards: what the run reads.
    static func identity(of shards: ShardSet) -> String {
        var hash = XXH64()
        for shard in shards.index.train.shards {
            withUnsafeBytes(of: shard.hash.littleEndian) { hash.update($0) }
        }
        return hash.hexDigest
    }

    /// XXH64 over the weights in the order of the layout: the same number for the same weights.
    public var weightsHash: String {
        var hash = XXH64()
        for values in parameters.values {
            values.withUnsafeBytes { hash.update($0) }
        }
        return hash.hexDigest
    }
}
