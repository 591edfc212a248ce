import Diagnostics
import Evaluation
import FixedPoint
import Storage

/// What `evaluate` prints.
struct EvaluateReport {
    let model: EvaluatedModel
    let text: String
    let score: TextScore
    let elapsed: Duration
    /// The worst and best passages of a text, as many as were asked for; nil for a split of shards.
    var passages: PassageList?

    var milliseconds: Int64 { max(1, elapsed.wholeMilliseconds) }

    private func tokensPerSecond(decimals: Int) -> String {
        let (product, overflow) = Int64(score.tokens).multipliedReportingOverflow(by: 1000)
        return DecimalText.format(
            overflow ? .max : product, over: milliseconds, decimals: decimals)
    }

    /// One line a figure.
    var lines: String {
        """
        model            \(model.line)
        text             \(text.asPlainLine), \(score.tokens.counted("byte")) scored
        bits/byte        \(score.integerBitsPerToken()) (integer tables of 1/16 bit)
        bits/byte exact  \(score.exactBitsPerToken())
        unigram entropy  \(score.unigramBitsPerToken()) bits/byte
        parameters       \(model.parameters)\(model.rowsOfContexts)
        MACs per token   \(model.config.multiplyAccumulatesPerToken)
        time             \(DecimalText.format(milliseconds, over: 1000, decimals: 3)) s, \
        \(tokensPerSecond(decimals: 0)) bytes/s
        """ + (passages?.lines ?? "")
    }

    var json: JSONValue {
        .object(
            model.members + [.init("text", .string(text))] + score.members + [
                .init("parameters", .integer(model.parameters)),
                .init("contextRows", .integer(model.config.contextRows)),
                .init(
                    "multiplyAccumulatesPerToken",
                    .integer(model.config.multiplyAccumulatesPerToken)),
                .init(
                    "seconds", .number(DecimalText.format(milliseconds, over: 1000, decimals: 3))),
                .init("bytesPerSecond", .number(tokensPerSecond(decimals: 0))),
            ] + (passages?.members ?? []))
    }
}

extension TextScore {
    /// The figures of a report as JSON.
    var members: [JSONValue.Member] {
        [
            .init("bytes", .integer(tokens)),
            .init("bitsPerByte", .number(integerBitsPerToken(decimals: 6))),
            .init("exactBitsPerByte", .number(exactBitsPerToken(decimals: 6))),
            .init("unigramEntropy", .number(unigramBitsPerToken(decimals: 6))),
            .init("logLikelihood", .integer(logLikelihood)),
        ]
    }
}
