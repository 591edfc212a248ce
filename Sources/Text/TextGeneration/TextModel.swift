import Checkpoints
import Diagnostics
import IntegerTensor
import RecurrentLM

/// A checkpoint that has no text in it.
public struct TextModelError: UserError {
    public let location: String
    public let finding: String
    public let remedy: String
}

/// A model of byte tokens, ready to run.
public struct TextModel: Sendable {
    public static let tokenizer = "bytes"
    static let vocabulary = 256

    /// The file that it was read from.
    public let path: String
    /// Updates that its weights have had.
    public let step: Int
    public let prepared: PreparedModel

    public var config: ModelConfig { prepared.config }

    /// - Parameters:
    ///   - checkpoint: The model.
    ///   - path: The file that `checkpoint` came from, for errors.
    ///   - kernel: The kernel; no result depends on it.
    /// - Throws: ``TextModelError`` when its tokens are no bytes.
    public init(
        _ checkpoint: ModelCheckpoint, path: String, kernel: Kernel
    ) throws(TextModelError) {
        guard checkpoint.tokenizer == Self.tokenizer else {
            throw TextModelError(
                location: path,
                finding: "its tokenizer is '\(checkpoint.tokenizer.prefix(40))', not "
                    + "'\(Self.tokenizer)'",
                remedy: "use a model trained on shards of this toolkit")
        }
        let vocabulary = checkpoint.parameters.config.vocabulary
        guard vocabulary == Self.vocabulary else {
            throw TextModelError(
                location: path,
                finding: "its vocabulary is \(vocabulary), and bytes need \(Self.vocabulary)",
                remedy: "use a model trained on shards of this toolkit")
        }
        self.path = path
        step = checkpoint.step
        prepared = PreparedModel(checkpoint.parameters, kernel: kernel)
    }

    /// Reads the model that `path` stands for; see `ModelCheckpoint.locate(_:)`.
    /// - Parameters:
    ///   - path: A model file, a checkpoint or a run directory.
    ///   - functions: What a file of another tool may not say.
    ///   - kernel: The kernel; no result depends on it.
    public static func load(
        _ path: String, functions: ModelFunctions = ModelFunctions(),
        kernel: Kernel = .best
    ) throws -> TextModel {
        let file = try ModelCheckpoint.locate(path)
        let checkpoint = try ModelCheckpoint.read(file, functions: functions)
        return try TextModel(checkpoint, path: file, kernel: kernel)
    }
}
