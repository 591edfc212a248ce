import EvolutionStrategy
import RecurrentLM
import Settings
import Storage
import TestSupport
import Testing

@testable import Pretraining

/// The config with every default filled in, as a run directory keeps it.
@Suite struct ResolvedConfigTests {
    private func config(_ text: String, _ overrides: [String] = []) throws -> RunConfig {
        let directory = try TemporaryDirectory()
        return try RunConfig(file: try directory.write("run.yaml", text), overrides: overrides)
    }

    /// The resolved config is read back as the same config, whatever the path holds.
    @Test(arguments: [
        "shards", "a b", "../x", #"quotes " and ' and \"#, "# no comment", "key: value", "- list",
        "tab\tand\nline", "ünïcödé \u{1F95A}", "{}", "*alias", "~", "null", "12", " spaces ",
        "bell\u{7}", "\u{85}next\u{2028}line", "a\u{FEFF}mark", "delete\u{7F}",
    ])
    func theResolvedConfigRoundTrips(_ shards: String) throws {
        var original = try config(
            minimalConfig, ["update.rule=residual", "update.rate=0.6", "update.decay=0.0003"])
        original.shards = shards
        original.model.gate = .sigmoid
        var method = try #require(original.method as? Eggroll)
        method.population.noiseReuse = 0
        original.method = method
        original.seed = .max
        original.validation.tokens = 1 << 40
        #expect(try config(original.yaml) == original)
        #expect(try config(original.yaml).yaml == original.yaml)
    }

    @Test func theResolvedConfigHoldsEverySetting() throws {
        let config = try config(minimalConfig)
        for setting in config.settings {
            let key = try #require(setting.path.split(separator: ".").last)
            let indent = setting.path.contains(".") ? "  " : ""
            #expect(config.yaml.contains("\n\(indent)\(key): "))
        }
        #expect(Set(config.settings.map(\.path)).count == config.settings.count)
    }

    /// What may differ when a run is continued: places, lengths and bookkeeping.
    @Test func settingsThatShapeWeights() throws {
        let residual = try config(minimalConfig, ["update.rule=residual"])
        let shaping = residual.settings.filter(\.shapesWeights).map(\.path)
        #expect(shaping.contains("run.steps"))  // the rate of the residual rule falls over them
        let others = try config(minimalConfig, ["update.rule=threshold"]).settings.filter {
            !$0.shapesWeights
        }.map(\.path)
        #expect(
            others == [
                "data.shards", "data.storybookBytes", "run.steps", "validation.every",
                "validation.tokens",
                "validation.streams", "checkpoints.every", "checkpoints.keep",
                "journal.digestEvery", "journal.syncEvery", "metrics.tensorboard",
            ])
    }
}
