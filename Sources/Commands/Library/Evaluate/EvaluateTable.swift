import Diagnostics
import Evaluation
import FixedPoint
import Storage
import TextGeneration

/// What `evaluate` prints of several texts: a line for each, and the score of all bytes together.
struct EvaluateTable {
    let model: TextModel
    let reports: [EvaluateReport]
    private let all: TextScore

    /// - Precondition: There is a report.
    init(model: TextModel, reports: [EvaluateReport]) {
        self.model = model
        self.reports = reports
        all = reports.dropFirst().reduce(into: reports[0].score) { $0 += $1.score }
    }

    /// The time of all texts in seconds, in decimal.
    private var seconds: String {
        DecimalText.format(reports.reduce(0) { $0 + $1.milliseconds }, over: 1000, decimals: 3)
    }

    /// The table, as wide as the longest name makes it: names come last.
    var lines: String {
        var rows = [["bits/byte", "exact", "unigram", "bytes", "text"]]
        rows += reports.map { Self.row($0.score, $0.text.asPlainLine) }
        rows.append(Self.row(all, "all \(reports.count) texts, in \(seconds) s"))
        return "model  \(model.path.asPlainLine) (step \(model.step))\n"
            + AlignedRows.text(rows, names: 4)
    }

    var json: JSONValue {
        let texts = reports.map { report in
            JSONValue.object([.init("text", .string(report.text))] + report.score.members)
        }
        return .object(
            [
                .init("model", .string(model.path)), .init("step", .integer(model.step)),
                .init("texts", .array(texts)),
            ] + all.members + [.init("seconds", .number(seconds))])
    }

    private static func row(_ score: TextScore, _ name: String) -> [String] {
        [
            score.integerBitsPerToken(), score.exactBitsPerToken(), score.unigramBitsPerToken(),
            "\(score.tokens)", name,
        ]
    }
}
