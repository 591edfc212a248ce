import Checkpoints
import Diagnostics
import IntegerTensor
import RecurrentLM

/// A checkpoint that has no text in it.
public struct TextModelError: UserError {
    /// The file of the checkpoint.
    public let location: String
    /// What was found there.
    public let finding: String
    /// What to do about it.
    public let remedy: String
}

/// A model of byte tokens, ready to run.
public struct TextModel: Sendable {
    /// The name of the only tokenizer that a text model may have.
    public static let tokenizer = "bytes"
    static let vocabulary = 256

    /// The file that it was read from.
    public let path: String
    /// The updates that the weights have had.
    public let step: Int
    /// The weights, packed for a kernel.
    public let prepared: PreparedModel

    /// The shape of the model.
    public var config: ModelConfig { prepared.config }

    /// Packs a model of byte tokens.
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
    /// - Throws: `SafetensorsError` when the file cannot be read, or ``TextModelError`` when its tokens are no bytes.
    public static func load(
        _ path: String, functions: ModelFunctions = ModelFunctions(),
        kernel: Kernel = .best
    ) throws -> TextModel {
        let file = try ModelCheckpoint.locate(path)
        let checkpoint = try ModelCheckpoint.read(file, functions: functions)
        return try TextModel(checkpoint, path: file, kernel: kernel)
    }
}
