import Diagnostics
import Pretraining
import Storage

/// What `pretrain` prints at its end: what was reached, and what may be typed next.
struct RunSummary {
    let trainer: Trainer
    /// Whether a signal ended the run before its last step.
    let wasStopped: Bool
    /// The curve of the training loss, where it is to be shown.
    let curve: String?

    var text: String {
        let (output, steps) = (trainer.output.asPlainLine, trainer.config.steps)
        var lines = ["\(output): \(trainer.step) of \(steps.counted("step")) done"]
        if let result = trainer.lastValidation {
            lines.append(
                "validation \(result.exactBitsPerByte) bits/byte"
                    + " (integer tables \(result.integerBitsPerByte),"
                    + " unigram entropy \(result.unigramBitsPerByte))")
        }
        if let curve { lines.append("train \(curve)") }
        lines.append("weights \(trainer.weightsHash)")
        lines += nextCommands.map { "\($0.purpose): \($0.line)" }
        return lines.joined(separator: "\n")
    }

    private var nextCommands: [(purpose: String, line: String)] {
        let run = trainer.output
        if wasStopped && trainer.step < trainer.config.steps {
            return [
                ("stopped by a signal; continue", NextCommand.line(.pretrain, ["--resume", run]))
            ]
        }
        var commands = [("sample", NextCommand.line(.sample, ["--checkpoint", run]))]
        if trainer.lastValidation != nil {
            let whole = ["--checkpoint", run, "--data", trainer.config.shards]
            commands.append(("evaluate", NextCommand.line(.evaluate, whole)))
        }
        let page = Paths.name(Paths.withoutTrailingSlashes(run)) + ".html"
        commands.append(("report", NextCommand.line(.report, [run, "--output", page])))
        let more = ["--resume", run, "--set", "run.steps=\(2 * trainer.config.steps)"]
        return commands + [("train on", NextCommand.line(.pretrain, more))]
    }
}
