import Checkpoints
import Diagnostics
import RecurrentLM
import Storage

/// A checkpoint that a run cannot begin with.
struct InitialWeightsError: UserError {
    let location: String
    let finding: String
    let remedy: String
}

extension RunConfig {
    /// This run, but beginning with the weights of a checkpoint instead of random ones.
    /// - Parameter path: A model file, a checkpoint directory or a run directory.
    public func beginning(with path: String) -> RunConfig {
        var config = self
        config.initialWeights = InitialWeights(path: path, digest: nil)
        return config
    }

    /// The config with the digest of the weights that it begins with, so that it names them wherever their file goes.
    /// - Throws: `UserError`s naming the checkpoint.
    func resolvingInitialWeights() throws -> RunConfig {
        guard let initial = initialWeights, initial.digest == nil else { return self }
        var config = self
        config.initialWeights?.digest = try readInitialWeights(initial).weightsDigest
        return config
    }

    /// The weights of step 0.
    /// - Throws: `UserError`s naming the checkpoint that the run begins with.
    func makeInitialParameters() throws -> Parameters {
        guard let initial = initialWeights else {
            return Parameters(config: model, seed: seed, scales: initialScales)
        }
        let parameters = try readInitialWeights(initial)
        guard initial.digest == nil || parameters.weightsDigest == initial.digest else {
            throw InitialWeightsError(
                location: initial.path,
                finding: "has the weights \(parameters.weightsHash), the run began with"
                    + " \(XXH64.hex(initial.digest ?? 0))",
                remedy: "restore that checkpoint, or name its place with --set run.init=PATH")
        }
        return parameters
    }

    private func readInitialWeights(_ initial: InitialWeights) throws -> Parameters {
        let checkpoint = try ModelCheckpoint.read(
            try ModelCheckpoint.locate(initial.path),
            functions: ModelFunctions(model, prefix: "model."))
        let found = checkpoint.parameters.config
        let pairs: [(key: String, found: String, wanted: String)] = [
            ("hidden", "\(found.hidden)", "\(model.hidden)"),
            ("layers", "\(found.layers)", "\(model.layers)"),
            ("mlpWidth", "\(found.mlpWidth)", "\(model.mlpWidth)"),
            ("vocabulary", "\(found.vocabulary)", "\(model.vocabulary)"),
        ]
        let others = pairs.filter { $0.found != $0.wanted }
        guard others.isEmpty else {
            throw InitialWeightsError(
                location: initial.path,
                finding: "has another model than the config: "
                    + others.map { "\($0.key) \($0.found), not \($0.wanted)" }.joined(
                        separator: "; "),
                remedy: "use its settings: --set "
                    + others.map { "model.\($0.key)=\($0.found)" }.joined(separator: " "))
        }
        return checkpoint.parameters
    }
}
