import Evaluation
import IntegerTensor
import RecurrentLM
import Storage
import TokenShards

/// A measurement of the noiseless model on the validation split.
public struct ValidationResult: Sendable, Equatable {
    /// The loss by the finer table, 4 decimals.
    public let exactBitsPerByte: String
    /// The loss by the paper's 1/16 bit tables, 4 decimals.
    public let integerBitsPerByte: String
    /// The entropy of the measured bytes' frequencies, 4 decimals.
    public let unigramBitsPerByte: String
    /// The exact bits per byte with 32 fraction bits.
    public let exactQ32: Int64
}

/// Measures the noiseless model on a fixed part of the validation split.
final class Validator {
    /// A text that names the tokens that are measured and how they are cut: equal for measurements that can be
    /// compared.
    let measure: String
    private let model: PreparedModel
    private let scorer: CleanScorer
    private let tokens: ShardTokens
    private let limit: Int

    /// Prepares to measure; nil when the data has no validation split.
    init?(
        _ settings: RunConfig.Validation, shards: ShardSet, parameters: Parameters, kernel: Kernel,
        pool: WorkerPool
    ) throws {
        guard shards.tokenCount(.validation) >= 2 else { return nil }
        model = PreparedModel(parameters, kernel: kernel)
        scorer = try CleanScorer(model: model, pool: pool, streams: settings.streams)
        tokens = ShardTokens(shards, split: .validation)
        limit = settings.tokens == 0 ? Int.max : settings.tokens
        measure =
            "\(settings.tokens) tokens in \(settings.streams) streams of"
            + " \(XXH64.hex(shards.contentHash(.validation)))"
    }

    func score(_ parameters: Parameters) throws -> ValidationResult {
        model.update(from: parameters)
        let score = try scorer.score(tokens, maxTokens: limit)
        return ValidationResult(
            exactBitsPerByte: score.exactBitsPerToken(),
            integerBitsPerByte: score.integerBitsPerToken(),
            unigramBitsPerByte: score.unigramBitsPerToken(),
            exactQ32: Int64(score.exactBitsQ32 / Int128(score.tokens)))
    }
}
