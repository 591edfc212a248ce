import CommandSupport
import Diagnostics
import FixedPoint
import IntegerTensor
import Pretraining

/// The live line of a run: shown on a terminal, silent in a log file.
///
/// A step that measured the model leaves its line standing.
final class ProgressLine {
    private let steps: Int
    private let kernel: Kernel
    private let threads: Int
    private let processes: Int
    private let isLive = standardErrorIsTerminal
    /// The kernel's roofline in multiply-accumulates a second, measured once at start; 0 where no line
    /// is shown, or other processes do a part of the work. Never part of a result.
    private let peak: Int
    private var lastValidation = ""
    private var lastShown: Int64 = 0
    private var width = 0
    /// Wall time and step of the first step seen, for the time left.
    private var origin: (microseconds: Int64, step: Int)?

    private static let refreshMicroseconds: Int64 = 100_000
    private static let rooflineMicroseconds = 4000
    private static let rooflineReadings = 3

    init(steps: Int, kernel: Kernel, threads: Int, processes: Int) {
        self.steps = steps
        self.kernel = kernel
        self.threads = threads
        self.processes = processes
        peak = isLive && processes == 1 ? Self.measurePeak(kernel, threads: threads) : 0
    }

    /// The best of a few readings: others may use the machine during one of them.
    private static func measurePeak(_ kernel: Kernel, threads: Int) -> Int {
        let roofline = Roofline(
            kernel: kernel, pool: WorkerPool(threads: threads), microseconds: rooflineMicroseconds)
        return (0..<rooflineReadings).map { _ in roofline.measure() }.max() ?? 0
    }

    func begin(_ trainer: Trainer) {
        guard isLive else { return }
        let model = trainer.config.model
        let others = processes > 1 ? " in the first of \(processes) processes" : ""
        let from = trainer.step > 0 ? ", continued after step \(trainer.step)" : ""
        writeToStandardError(
            "\(trainer.output): \(model.layers) x \(model.hidden), MLP \(model.mlpWidth),"
                + " population \(trainer.config.population.size), kernel \(kernel.name),"
                + " \(threads.counted("thread"))\(others)\(from)\n")
    }

    func show(_ metrics: StepMetrics) {
        if let diagnostics = metrics.diagnostics {
            finish()
            width = 0
            writeToStandardError(diagnostics.table(step: metrics.step))
        }
        guard isLive else { return }
        if let validation = metrics.validation {
            lastValidation = "  validation \(validation.exactBitsPerByte)"
        }
        let stands = metrics.validation != nil
        let now = metrics.wallMicroseconds
        if origin == nil { origin = (now - metrics.stepMicroseconds, metrics.step - 1) }
        guard stands || now - lastShown >= Self.refreshMicroseconds else { return }
        lastShown = now
        let text =
            "step \(metrics.step)/\(steps)  train \(metrics.trainBitsPerByte)\(lastValidation)"
            + "  \(Self.short(metrics.memberTokensPerSecond)) tokens/s"
            + "  \(Self.short(metrics.multiplyAccumulatesPerSecond))MAC/s\(shareOfPeak(metrics))"
            + "  \(timeLeft(metrics)) left"
        let padding = String(repeating: " ", count: max(0, width - text.count))
        writeToStandardError("\r" + text + padding + (stands ? "\n" : ""))
        width = stands ? 0 : text.count
    }

    /// Clears what is left of the live line.
    func finish() {
        guard isLive, width > 0 else { return }
        writeToStandardError("\r" + String(repeating: " ", count: width) + "\r")
    }

    /// ` (63 % of peak)`: what the step reached of the multiplier's own speed.
    private func shareOfPeak(_ metrics: StepMetrics) -> String {
        guard peak > 0 else { return "" }
        let share = DecimalText.format(
            Int64(metrics.multiplyAccumulatesPerSecond), over: Int64((peak + 99) / 100), decimals: 0
        )
        return " (\(share) % of peak)"
    }

    private func timeLeft(_ metrics: StepMetrics) -> String {
        guard let origin, metrics.step > origin.step else { return "?" }
        let perStep =
            (metrics.wallMicroseconds - origin.microseconds) / Int64(metrics.step - origin.step)
        let seconds = Int64(
            clamping: Int128(perStep) * Int128(steps - metrics.step) / 1_000_000)
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let (minutes, rest) = seconds.quotientAndRemainder(dividingBy: 60)
        return minutes < 60
            ? "\(minutes):\(two(rest))" : "\(minutes / 60):\(two(minutes % 60)):\(two(rest))"
    }

    /// `1.23 M`, `45.6 G`: three places with a decimal prefix.
    private static func short(_ value: Int) -> String {
        for (unit, prefix) in [(1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")]
        where value >= unit {
            let decimals = value >= 100 * unit ? 0 : value >= 10 * unit ? 1 : 2
            return DecimalText.format(Int64(value), over: Int64(unit), decimals: decimals)
                + " " + prefix
        }
        return "\(value) "
    }
}
