import FixedPoint

/// How well a model predicts a text: sums over the tokens that were scored.
public struct TextScore: Sendable, Equatable {
    /// The number of tokens scored, at least 1.
    public internal(set) var tokens = 0
    /// The sum of the log-likelihoods of the paper's integer tables, in 1/16 bit; at most 0.
    public internal(set) var logLikelihood: Int64 = 0
    /// The sum of the exact losses in bits, with 32 fraction bits; each is right to 2^-28.
    public internal(set) var exactBitsQ32: Int128 = 0
    /// How often each token was a target: [256].
    public internal(set) var tokenCounts = [Int](repeating: 0, count: 256)

    /// The mean loss of the integer tables in bits, in decimal: -Σ ll / 16 / tokens.
    public func integerBitsPerToken(decimals: Int = 4) -> String {
        DecimalText.format(-logLikelihood, over: 16 * Int64(tokens), decimals: decimals)
    }

    /// The mean exact loss in bits, in decimal.
    public func exactBitsPerToken(decimals: Int = 4) -> String {
        let mean = exactBitsQ32 / Int128(tokens)
        return DecimalText.format(Int64(mean), over: 1 << 32, decimals: decimals)
    }

    /// The entropy of the scored tokens' frequencies in bits, in decimal: the loss of the best model
    /// that knows only them.
    public func unigramBitsPerToken(decimals: Int = 4) -> String {
        DecimalText.format(
            Entropy.bitsQ32(counts: tokenCounts), over: 1 << 32, decimals: decimals)
    }

    /// Adds the tokens of another text.
    public static func += (total: inout TextScore, part: TextScore) {
        total.tokens += part.tokens
        total.logLikelihood += part.logLikelihood
        total.exactBitsQ32 += part.exactBitsQ32
        for token in total.tokenCounts.indices {
            total.tokenCounts[token] += part.tokenCounts[token]
        }
    }
}
