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

    private var milliseconds: Int64 { reports.reduce(0) { $0 + $1.milliseconds } }

    /// The table, as wide as the longest name makes it: names come last.
    var lines: String {
        let head = Self.line("bits/byte", "exact", "unigram", "bytes", "text")
        let rows = reports.map { Self.line($0.score, $0.text.asPlainLine) }
        let time = DecimalText.format(milliseconds, over: 1000, decimals: 3)
        return
            ([
                "model  \(model.path.asPlainLine) (step \(model.step))", head,
            ] + rows + [Self.line(all, "all \(reports.count) texts, in \(time) s")])
            .joined(separator: "\n")
    }

    var json: JSONValue {
        let texts = reports.map { report in
            JSONValue.object([.init("text", .string(report.text))] + report.score.members)
        }
        return .object(
            [
                .init("model", .string(model.path)), .init("step", .integer(model.step)),
                .init("texts", .array(texts)),
            ] + all.members + [
                .init("seconds", .number(DecimalText.format(milliseconds, over: 1000, decimals: 3)))
            ])
    }

    private static func line(_ score: TextScore, _ name: String) -> String {
        line(
            score.integerBitsPerToken(), score.exactBitsPerToken(), score.unigramBitsPerToken(),
            "\(score.tokens)", name)
    }

    private static func line(
        _ integer: String, _ exact: String, _ unigram: String, _ bytes: String, _ name: String
    ) -> String {
        func column(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        return [column(integer, 9), column(exact, 8), column(unigram, 8), column(bytes, 12)]
            .joined(separator: " ") + "  " + name
    }
}
