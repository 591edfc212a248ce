import EvolutionStrategy
import RecurrentLM
import Settings
import Storage

extension RunConfig {
    /// A setting with its value.
    public struct Setting: Equatable, Sendable {
        /// The setting's place, `section.key`, or `key` outside the sections.
        public let path: String
        /// The value as the resolved config has it, without quotes.
        public let value: String
        /// Whether the weights depend on it, so that a resumed run must have the same value.
        public let shapesWeights: Bool
    }

    /// Every setting with every default filled in, in the order of the resolved config.
    public var settings: [Setting] {
        func setting(_ path: String, _ value: Any, shapesWeights: Bool = true) -> Setting {
            Setting(path: path, value: "\(value)", shapesWeights: shapesWeights)
        }
        let tail =
            [
                setting(Self.stepsPath, steps, shapesWeights: method.rule.schedule != nil)
            ] + phaseSettings + [setting("run.seed", seed)] + initialWeightSettings + [
                setting("validation.every", validation.every, shapesWeights: false),
                setting("validation.tokens", validation.tokens, shapesWeights: false),
                setting("validation.streams", validation.streams, shapesWeights: false),
                setting("checkpoints.every", checkpoints.every, shapesWeights: false),
                setting("checkpoints.keep", checkpoints.keep, shapesWeights: false),
                setting("journal.digestEvery", journal.digestEvery, shapesWeights: false),
                setting("journal.syncEvery", journal.syncEvery, shapesWeights: false),
                setting("metrics.tensorboard", metrics.tensorboard, shapesWeights: false),
            ]
        let rule = method.rule
        let update = [(key: "rule", value: type(of: rule).name)] + rule.settings
        return [
            setting(MethodReader.key, type(of: method).name),
            setting("data.shards", shards, shapesWeights: false),
            setting("data.storybookBytes", storybookBytes, shapesWeights: false),
            setting("model.hidden", model.hidden),
            setting("model.layers", model.layers),
            setting("model.mlpWidth", model.mlpWidth),
            setting("model.gate", model.gate),
            setting("model.mlp", model.mlp),
        ] + contextSettings + [
            setting("model.lossFractionBits", method.loss.fractionBits),
            setting("model.recurrentScale", initialScales.recurrent),
            setting("model.headScale", initialScales.head),
        ] + method.settings.map { setting("population." + $0.key, $0.value) }
            + update.map { setting("update." + $0.key, $0.value) } + tail
    }

    /// The settings of a model with contexts; other models have none of them.
    private var contextSettings: [Setting] {
        guard !model.contexts.isEmpty else { return [] }
        return [
            Setting(
                path: "model.contexts", value: "[\(model.contexts.list)]", shapesWeights: true),
            Setting(
                path: "model.contextRows", value: "\(model.contextRows)", shapesWeights: true),
            Setting(path: "model.direct", value: "\(model.direct)", shapesWeights: true),
        ]
    }

    /// The settings of a run that was continued with another number of steps; other runs have none of them.
    private var phaseSettings: [Setting] {
        if phases.isEmpty { return [] }
        let text = SchedulePhase.text(phases)
        return [Setting(path: Self.phasesPath, value: text, shapesWeights: true)]
    }

    static let stepsPath = "run.steps"
    static let phasesPath = "run.phases"

    /// The settings of a run that began with the weights of a checkpoint; other runs have none of them.
    private var initialWeightSettings: [Setting] {
        guard let initialWeights else { return [] }
        let place = Setting(path: "run.init", value: initialWeights.path, shapesWeights: false)
        return [place]
            + (initialWeights.digest.map {
                [Setting(path: "run.initWeights", value: XXH64.hex($0), shapesWeights: true)]
            } ?? [])
    }

    /// Settings whose values are texts of any kind, written in quotes; a hash may look like a number.
    private static let texts = ["data.shards", "run.init", "run.initWeights"]

    /// The resolved config as YAML that gives the same config when read.
    public var yaml: String {
        var lines = [String(RunFiles.configOpening.dropLast())]
        var section = ""
        for setting in settings {
            let value =
                Self.texts.contains(setting.path) ? Self.quoted(setting.value) : setting.value
            let parts = setting.path.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                lines.append("\(setting.path): \(value)")
                continue
            }
            if parts[0] != section {
                section = parts[0]
                lines.append("\(section):")
            }
            lines.append("  \(parts[1]): \(value)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A YAML double-quoted scalar; what is neither printable ASCII nor a letter is escaped.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" {
                result += "\\\(scalar)"
            } else if (0x20..<0x7F).contains(scalar.value) || scalar.properties.isAlphabetic {
                result.unicodeScalars.append(scalar)
            } else {
                result += "\\U" + hex(scalar.value)
            }
        }
        return result + "\""
    }

    /// The number as eight hexadecimal digits.
    private static func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
