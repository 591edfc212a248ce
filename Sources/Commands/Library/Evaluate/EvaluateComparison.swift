import Diagnostics
import Evaluation
import Storage

/// What `evaluate` prints of the same texts under several models: a line for each text, a column for each model, and the
/// score of all bytes together.
struct EvaluateComparison {
    /// What the columns are called.
    let names: [String]
    /// One for each model, all of the same texts.
    let tables: [EvaluateTable]

    /// The place of the model that predicts all bytes best, the first of equals.
    var best: Int {
        tables.indices.min { tables[$0].all.exactBitsQ32 < tables[$1].all.exactBitsQ32 } ?? 0
    }

    /// The models by name, an empty line, and the table of their exact bits per byte.
    var lines: String {
        let models = zip(names, tables).map { [$0.asPlainLine, $1.model.line] }
        return "exact bits/byte of \(tables.count.counted("model"))\n"
            + AlignedRows.text(models, names: 1) + "\n\n"
            + AlignedRows.text(rows, names: names.count + 2)
    }

    private var rows: [[String]] {
        guard let first = tables.first else { return [] }
        var rows = [names.map(\.asPlainLine) + ["unigram", "bytes", "text"]]
        for (place, report) in first.reports.enumerated() {
            rows.append(row(tables.map { $0.reports[place].score }, report.text.asPlainLine))
        }
        let time = EvaluateTable.seconds(tables.reduce(0) { $0 + $1.milliseconds })
        rows.append(
            row(tables.map(\.all), "all \(first.reports.count.counted("text")), in \(time) s"))
        return rows
    }

    private func row(_ scores: [TextScore], _ name: String) -> [String] {
        let text = scores.first
        return scores.map { $0.exactBitsPerToken() }
            + [text?.unigramBitsPerToken() ?? "", "\(text?.tokens ?? 0)", name]
    }

    /// The object of each model that `--json` prints for it alone, where there are several texts.
    var json: JSONValue { .object([.init("models", .array(tables.map(\.json)))]) }
}
