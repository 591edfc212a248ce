import Diagnostics
import FixedPoint
import Pretraining
import RecurrentLM
import Storage

/// The page of a report: markup, style, figures and script in one file, which loads nothing.
struct ReportPage {
    let runs: [ReportedRun]

    /// The whole page.
    var html: String {
        let title = "Training report: " + runs.map(\.name).joined(separator: ", ")
        let head = HTML.element(
            "head", [:], HTML(markup: "<meta charset=\"utf-8\">"),
            HTML(
                markup: "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"),
            HTML(
                markup: """
                    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
                    style-src 'unsafe-inline'; script-src 'unsafe-inline'">
                    """),
            .element("title", text: title), .style(ReportStyle.text))
        let parts =
            [.element("h1", text: title), overview] + charts + runs.map(\.section) + [settings]
        let main = HTML.element("main", [:], HTML(parts))
        let body = HTML.element(
            "body", [:], main, .figures(JSONValue.array(runs.map(\.figures)).text, id: "figures"),
            .script(ReportScript.text))
        let root = HTML.element("html", ["lang": "en"], HTML([head, body]))
        return "<!DOCTYPE html>\n" + root.source + "\n"
    }

    // MARK: All runs side by side

    private var overview: HTML {
        .table(
            [
                "run", "steps", "bits/byte", "best", "after step", "weights",
                "multiply-accumulates", "time",
            ], numbers: [1, 2, 3, 4, 5, 6, 7], runs.map { .init(cells: [$0.name] + $0.overview) })
    }

    private var charts: [HTML] {
        [
            .element("h2", text: "Bits per byte"), controls,
            HTML(markup: "<ul class=\"legend\" id=\"legend\"></ul>"), Self.chart("loss"),
            .element(
                "p", ["class": "faint"],
                text: "The strong curve is the validation of the noiseless model, the thin one the"
                    + " mean of all members on the training text. Less is better."),
            .element("h2", text: "Member tokens per second"), Self.chart("speed"),
            .element("h2", text: "Weights that a step changed, in percent"), Self.chart("changed"),
        ]
    }

    private static func chart(_ id: String) -> HTML {
        .element(
            "div", ["class": "chart", "id": id],
            HTML(
                markup: "<noscript>The curves need JavaScript; the tables do not.</noscript>"))
    }

    private var controls: HTML {
        HTML(
            markup: """
                <fieldset class="controls"><legend>over</legend>
                <label><input type="radio" name="x" value="step" checked> steps</label>
                <label><input type="radio" name="x" value="tokens"> tokens</label>
                <label><input type="radio" name="x" value="multiplyAccumulates"> multiply-accumulates</label>
                <label><input type="radio" name="x" value="seconds"> seconds</label>
                <label><input type="checkbox" id="logarithmic"> logarithmic</label>
                </fieldset>
                """)
    }

    /// Every setting, a column for each run; those that differ come first.
    private var settings: HTML {
        var paths: [String] = []
        for setting in runs.flatMap(\.run.config.settings) where !paths.contains(setting.path) {
            paths.append(setting.path)
        }
        let rows = paths.map { path in
            let values = runs.map { run in
                run.run.config.settings.first { $0.path == path }?.value ?? "–"
            }
            return HTML.Row(cells: [path] + values, isMarked: Set(values).count > 1)
        }
        let ordered = rows.filter(\.isMarked) + rows.filter { !$0.isMarked }
        return HTML([
            .element("h2", text: "Settings"),
            .table(["setting"] + runs.map(\.name), ordered),
        ])
    }
}
