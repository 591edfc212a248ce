import Diagnostics
import FixedPoint
import Pretraining
import RecurrentLM
import Storage

/// A run as a report shows it.
struct ReportedRun {
    let run: RecordedRun
    /// What the report calls it.
    let name: String
    /// What its checkpoints write; none unless asked for.
    let samples: [ReportSample]

    // MARK: In the table of all runs

    /// The steps, the last and the best validation with its step, weights, multiply-accumulates and time.
    var overview: [String] {
        let (last, best) = (run.curve.validations.last, run.curve.best)
        let end = run.curve.points.last?.progress
        return [
            "\(end?.step ?? 0) of \(run.config.steps)", last?.bitsPerByte ?? "–",
            best?.bitsPerByte ?? "–", best.map { "\($0.progress.step)" } ?? "–",
            "\(weights)",
            end.map { Self.short($0.multiplyAccumulates) } ?? "–",
            end.map { Self.time($0.seconds) } ?? "–",
        ]
    }

    private var weights: Int { ParameterLayout(run.config.model).parameterCount }

    private static func short(_ number: String) -> String {
        Int(number).map { ShortNumber($0).text } ?? number
    }

    private static func time(_ seconds: String) -> String {
        DecimalText.parse(seconds, scale: 1).map { ClockText.format(seconds: $0) } ?? seconds
    }

    // MARK: On its own

    /// What there is to say of this run alone.
    var section: HTML {
        var parts: [HTML] = [.element("h2", text: name)]
        if !run.notices.isEmpty {
            let notes = run.notices.map { HTML.element("li", text: $0) }
            parts.append(.element("ul", ["class": "notes"], HTML(notes)))
        }
        parts.append(.table([], facts.map { .init(cells: [$0.name, $0.value]) }))
        if !run.machines.isEmpty {
            parts.append(.element("h3", text: "Machines"))
            parts.append(machines)
        }
        for sample in samples {
            parts.append(.element("h3", text: "A sample after step \(sample.step)"))
            parts.append(.element("pre", [:], HTML(lines: "\n" + sample.text)))
        }
        return HTML(parts)
    }

    private var facts: [(name: String, value: String)] {
        let model = run.config.model
        var facts = [
            ("directory", run.directory),
            (
                "model",
                "\(model.layers) x \(model.hidden), MLP \(model.mlpWidth), \(weights) weights"
                    + (model.contexts.isEmpty
                        ? ""
                        : ", \(model.contextRows) rows of"
                            + " \(model.contexts.count.counted("context"))"
                            + " (\(model.contextBytes.megabytes) MB)")
            ),
            (
                "population",
                "\(run.config.population.size) members, \(textTokens) tokens of text a step"
            ),
        ]
        if let newest = run.newest {
            facts.append(("weights after step \(newest.step)", newest.weightsHash))
        }
        if let origin = run.origin {
            facts += [
                ("first weights", origin.initialWeights), ("training text", origin.text),
                ("settings that shape the weights", origin.config),
            ]
        }
        return facts
    }

    private var machines: HTML {
        .table(
            ["from step", "kernel", "threads", "processes", "processor", "memory", "system"],
            numbers: [0, 2, 3],
            run.machines.map { record in
                let machine = record.machine
                let memory = machine.memoryBytes.map { ShortNumber($0).text + "B" } ?? "–"
                return .init(cells: [
                    "\(record.step + 1)", record.kernel, "\(record.threads)",
                    "\(record.processes)",
                    "\(machine.processor.isEmpty ? "unknown" : machine.processor),"
                        + " \(machine.processors.counted("thread"))", memory, machine.system,
                ])
            })
    }

    // MARK: Figures

    /// The tokens of text that a step reads.
    private var textTokens: Int {
        run.config.population.streams * run.config.population.segmentTokens
    }

    /// What the script draws.
    var figures: JSONValue {
        let (points, validations) = (run.curve.points, run.curve.validations)
        return .object([
            .init("name", .string(name.asPlainLine)),
            .init(
                "training",
                .object(
                    progress(points.map(\.progress)) + [
                        numbers("bitsPerByte", points.map(\.trainBitsPerByte)),
                        numbers("memberTokensPerSecond", points.map(\.memberTokensPerSecond)),
                        numbers("changedFraction", points.map(\.changedFraction)),
                    ])),
            .init(
                "validation",
                .object(
                    progress(validations.map(\.progress)) + [
                        numbers("bitsPerByte", validations.map(\.bitsPerByte))
                    ])),
        ])
    }

    private func progress(_ all: [RunCurve.Progress]) -> [JSONValue.Member] {
        [
            numbers("step", all.map { "\($0.step)" }),
            numbers("tokens", all.map { "\(Int128($0.step) * Int128(textTokens))" }),
            numbers("multiplyAccumulates", all.map(\.multiplyAccumulates)),
            numbers("seconds", all.map(\.seconds)),
        ]
    }

    private func numbers(_ key: String, _ texts: [String]) -> JSONValue.Member {
        .init(key, .array(texts.map { .number($0) }))
    }
}
