import Checkpoints
import Diagnostics
import FixedPoint
import Pretraining

/// A journal that ends before the step that it should hold.
struct ReplayEnd: UserError {
    let location: String
    let finding: String
    let remedy = "ask for an earlier step, or restore the journal from a copy"

    init(_ run: String, _ finding: String) {
        location = run
        self.finding = finding
    }
}

/// What `replay` prints at its end.
struct ReplaySummary {
    private let replay: Replay
    private let run: String
    private let checkpoints: Int?
    private let time: Duration

    /// - Parameter checkpoints: how many were compared; nil where that was not asked for.
    init(_ replay: Replay, run: String, checkpoints: Int?, _ time: Duration) {
        self.replay = replay
        self.run = run
        self.checkpoints = checkpoints
        self.time = time
    }

    var text: String {
        var lines = [
            "\(run.asPlainLine): \(replay.step.counted("step")) replayed in"
                + " \(DecimalText.format(time.wholeMilliseconds, over: 1000, decimals: 3)) s",
            sizes,
        ]
        if let checkpoints {
            lines.append(
                "verified: \(replay.digests.counted("digest")) and"
                    + " \(checkpoints.counted("checkpoint")) agree")
        }
        lines.append("weights \(replay.weightsHash)")
        return lines.joined(separator: "\n")
    }

    /// What the run needs to be had again, beside what its weights take.
    private var sizes: String {
        let kept = replay.journalBytes + replay.configBytes
        let model = replay.parameters.layout.parameterCount
        let share = DecimalText.format(100 * Int64(kept), over: Int64(max(1, model)), decimals: 2)
        return "journal \(replay.journalBytes) bytes and config \(replay.configBytes) bytes are"
            + " \(share) % of the model's \(model)"
    }
}
