import EvolutionStrategy
import FixedPoint
import Pretraining

extension StepDiagnostics {
    /// What the terminal shows of a step.
    func table(step: Int) -> String {
        var rows = [["step \(step), \(paceText)", "rms", "at bound", "changed", "votes/noise"]]
        rows += tensors.map { tensor in
            [
                tensor.name,
                DecimalText.format(Int64(tensor.rootMeanSquare), over: 16, decimals: 1),
                Self.percent(tensor.saturated, tensor.count),
                Self.percent(tensor.changed, tensor.count),
                tensor.votesToNoise.map { DecimalText.format(Int64($0), over: 1024, decimals: 2) }
                    ?? "-",
            ]
        }
        rows.append(["activation", "", "at bound"])
        rows += activations.map { ["  " + $0.name, "", Self.percent($0.saturated, $0.values)] }
        return AlignedRows.text(rows, names: 0)
    }

    private var paceText: String {
        pace.name + " " + pace.text(decimals: 4)
    }

    private static func percent(_ part: Int, _ whole: Int) -> String {
        DecimalText.format(Int64(part) * 100, over: Int64(max(1, whole)), decimals: 2) + " %"
    }
}
