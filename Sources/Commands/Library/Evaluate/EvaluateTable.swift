import Diagnostics
import Evaluation
import FixedPoint
import Storage

/// What `evaluate` prints of the texts that a model read: a line for each, and the score of all bytes together.
struct EvaluateTable {
    let model: EvaluatedModel
    let reports: [EvaluateReport]
    let all: TextScore

    /// - Precondition: There is a report.
    init(model: EvaluatedModel, reports: [EvaluateReport]) {
        self.model = model
        self.reports = reports
        all = reports.dropFirst().reduce(into: reports[0].score) { $0 += $1.score }
    }

    /// The time of all texts.
    var milliseconds: Int64 { reports.reduce(0) { $0 + $1.milliseconds } }

    private var seconds: String { Self.seconds(milliseconds) }

    /// A time in seconds, in decimal.
    static func seconds(_ milliseconds: Int64) -> String {
        DecimalText.format(milliseconds, over: 1000, decimals: 3)
    }

    /// The table, as wide as the longest name makes it: names come last.
    var lines: String {
        var rows = [["bits/byte", "exact", "unigram", "bytes", "text"]]
        rows += reports.map { Self.row($0.score, $0.text.asPlainLine) }
        rows.append(Self.row(all, "all \(reports.count.counted("text")), in \(seconds) s"))
        return "model  \(model.line)\n" + AlignedRows.text(rows, names: 4)
    }

    var json: JSONValue {
        let texts = reports.map { report in
            JSONValue.object([.init("text", .string(report.text))] + report.score.members)
        }
        return .object(
            model.members + [.init("texts", .array(texts))] + all.members + [
                .init("seconds", .number(seconds))
            ])
    }

    private static func row(_ score: TextScore, _ name: String) -> [String] {
        [
            score.integerBitsPerToken(), score.exactBitsPerToken(), score.unigramBitsPerToken(),
            "\(score.tokens)", name,
        ]
    }
}
