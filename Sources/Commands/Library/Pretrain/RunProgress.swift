import Diagnostics
import FixedPoint
import Pretraining

/// What a run tells of itself on standard error: what it begins with, how far it is, and what it measured.
///
/// A step that measured the model leaves its line standing.
final class RunProgress {
    private let line: LiveLine
    private let steps: Int
    private var rate = RecentRate()
    private var lastValidation: String?
    /// The training loss of the steps seen.
    private(set) var curve = Sparkline()
    /// Wall time and step before the first step seen, for the time left.
    private var origin: (microseconds: Int64, step: Int)?

    /// - Parameter isQuiet: write nothing.
    init(steps: Int, isQuiet: Bool) {
        self.steps = steps
        line = LiveLine(isQuiet: isQuiet)
    }

    /// Says what is trained, on what, with what, and where it goes.
    func begin(_ trainer: Trainer, config: String, kernel: String, processes: Int) {
        let model = trainer.config.model
        let threads = trainer.threads.counted("thread")
        let others = processes > 1 ? ", first of \(processes) processes" : ", 1 process"
        let rows =
            model.contexts.isEmpty
            ? ""
            : ", \(model.contextRows) rows of \(model.contexts.count.counted("context"))"
                + " (\(model.contextBytes.megabytes) MB)"
        let from = trainer.step > 0 ? "; continued after step \(trainer.step)" : ""
        line.print(
            "\(trainer.output.asPlainLine): config \(config.asPlainLine); model \(model.layers) x \(model.hidden),"
                + " MLP \(model.mlpWidth), \(trainer.parameters.layout.parameterCount) weights\(rows);"
                + " text \(trainer.config.shards.asPlainLine), \(trainer.trainingTokens) tokens;"
                + " population \(trainer.config.population.size);"
                + " kernel \(kernel), \(threads)\(others)\(from)")
        if let passes = trainer.rowPasses,
            let next = passes.next(after: trainer.step, of: trainer.config.steps)
        {
            line.print(
                "the text is read more than once: rows of contexts are emptied every"
                    + " \(passes.steps.counted("step")) from step \(next) on; there bits/byte rise for a while"
            )
        }
    }

    /// Says what is done before the run begins.
    func tell(_ text: String) { line.print(text.asPlainLine) }

    func show(_ metrics: StepMetrics) {
        if let diagnostics = metrics.diagnostics {
            line.print(diagnostics.table(step: metrics.step))
        }
        rate.add(
            tokens: metrics.memberTokens, multiplyAccumulates: metrics.multiplyAccumulates,
            microseconds: Int(metrics.stepMicroseconds))
        if let loss = DecimalText.parse(metrics.trainBitsPerByte, scale: 10_000) { curve.add(loss) }
        if origin == nil {
            origin = (metrics.wallMicroseconds - metrics.stepMicroseconds, metrics.step - 1)
        }
        if let validation = metrics.validation {
            lastValidation = validation.exactBitsPerByte
            line.stand(parts(metrics))
        } else {
            line.update { parts(metrics) + curvePart }
        }
    }

    /// Takes the live line away, so that others can write.
    func finish() { line.clear() }

    /// The most important first.
    private func parts(_ metrics: StepMetrics) -> [LiveLine.Part] {
        let step = "\(metrics.step)/\(steps)"
        let tokens = ShortNumber(rate.tokensPerSecond)
        let operations = ShortNumber(rate.multiplyAccumulatesPerSecond)
        var parts = [
            LiveLine.Part("step \(step)", short: step), .init("train \(metrics.trainBitsPerByte)"),
        ]
        if let lastValidation {
            parts.append(.init("validation \(lastValidation)", short: "val \(lastValidation)"))
        }
        return parts + [
            .init("\(timeLeft(metrics)) left"),
            .init(
                "\(tokens.text) tokens/s",
                short: "\(tokens.number) \(tokens.prefix)tok/s"),
            .init("\(operations.number) \(operations.prefix)MAC/s"),
        ]
    }

    /// The curve of the loss, for a terminal that shows it.
    private var curvePart: [LiveLine.Part] {
        guard line.isOnTerminal, ErrorTerminal.showsUnicode, let text = curve.text else {
            return []
        }
        return [.init(text, short: "")]
    }

    private func timeLeft(_ metrics: StepMetrics) -> String {
        guard let origin else { return "?" }
        return ClockText.left(
            of: steps - origin.step, done: metrics.step - origin.step,
            in: .microseconds(metrics.wallMicroseconds - origin.microseconds))
    }
}
