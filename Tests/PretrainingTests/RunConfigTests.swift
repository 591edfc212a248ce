import EvolutionStrategy
import RecurrentLM
import Settings
import Storage
import TestSupport
import Testing

@testable import Pretraining

/// What a config says, with its defaults and overrides.
@Suite struct RunConfigTests {
    private func config(_ text: String, _ overrides: [String] = []) throws -> RunConfig {
        let directory = try TemporaryDirectory()
        return try RunConfig(file: try directory.write("run.yaml", text), overrides: overrides)
    }

    @Test func fillsInTheDefaults() throws {
        let config = try config(minimalConfig.replacing("update:\n  rule: threshold", with: ""))
        #expect(
            config.shards == "shards" && config.storybookBytes == 0 && config.steps == 10
                && config.seed == 1)
        #expect(config.model == ModelConfig(hidden: 16, layers: 2, mlpWidth: 64))
        #expect(config.population == Population(size: 8, segmentTokens: 4))
        let method = try #require(config.method as? Eggroll)
        #expect(method.rule is ResidualSettings)
        #expect(
            method.rule.schedule
                == RateSchedule(rate: 2 * RateSchedule.one, decay: 4_294_967, steps: config.steps))
        #expect(method.fitness == .magnitude8 && method.loss == .fine)
        #expect(config.initialScales == InitialScales())
        #expect(config.validation == .init(every: 100, tokens: 131_072, streams: 64))
        #expect(config.checkpoints == .init(every: 100, keep: 3))
        #expect(!config.metrics.tensorboard)
    }

    /// A number with the nine decimals of a resolved config.
    private func padded(_ text: String) -> String {
        let point = text.contains(".") ? text : text + "."
        let decimals = point.split(separator: ".", omittingEmptySubsequences: false)[1].count
        return point + String(repeating: "0", count: 9 - decimals)
    }

    /// Four times the steps want half the rate: the quickstart's rate at its own length is the one measured.
    @Test(arguments: [
        ("node-perturbation", 2, 10_000, "0.02"), ("node-perturbation", 8, 10_000, "0.024"),
        ("node-perturbation", 8, 200, "0.169706"), ("node-perturbation", 2, 1, "0.5"),
        ("node-perturbation", 8, 1_000_000_000, "0.000076"), ("eggroll", 2, 9761, "0.607301"),
        ("eggroll", 2, 100, "2"), ("eggroll", 2, 1_000_000_000, "0.001897"),
    ])
    func theRateFollowsFromTheLength(
        _ method: String, _ group: Int, _ steps: Int, _ rate: String
    ) throws {
        let text = minimalConfig.replacing("update:\n  rule: threshold", with: "")
        let config = try config(
            text,
            [
                "method=\(method)", "population.size=16",
                "population.groupSize=\(group)", "run.steps=\(steps)",
            ])
        #expect(config.settings.first { $0.path == "update.rate" }?.value == padded(rate))
        #expect(config.notices.isEmpty)
        #expect(try self.config(config.yaml) == config)
    }

    @Test func aRateOfAnotherLengthIsRemarkedOn() throws {
        let text = minimalConfig.replacing("update:\n  rule: threshold", with: "")
        let base = ["method=node-perturbation", "run.steps=200"]
        let low = try config(text, base + ["update.rate=0.024"]).notices
        #expect(low.first?.contains("0.0240, which is low for 200 steps") == true)
        let high = try config(text, base + ["run.steps=100000", "update.rate=0.024"]).notices
        #expect(high.first?.contains("which is high for 100000 steps") == true)
        #expect(try config(text, base + ["update.rate=0.1"]).notices.isEmpty)
    }

    @Test(arguments: [
        ("1e-3", "0.001"), ("1E-3", "0.001"), ("2.5e-2", "0.025"), ("25e-3", "0.025"),
        ("1e0", "1"), ("0.1e+1", "1"), ("0e5", "0"),
    ])
    func numbersMayHaveAPowerOfTen(_ text: String, _ value: String) throws {
        let rule = minimalConfig.replacing("threshold", with: "residual")
        let config = try config(rule, ["update.rate=\(text)"])
        #expect(config.settings.first { $0.path == "update.rate" }?.value == padded(value))
    }

    /// A text is taken as it was typed, whatever YAML would make of it.
    @Test(arguments: ["sh #2", "a: b", "[1", "'x'", " x ", "- y", "*a", "&b", "null", "1"])
    func textsOfOverridesAreLiteral(_ text: String) throws {
        let config = try config(minimalConfig, ["data.shards=\(text)"])
        #expect(config.shards == text)
        #expect(try self.config(config.yaml).shards == text)
    }

    @Test func aByteOrderMarkIsNoPartOfTheConfig() throws {
        #expect(try config("\u{FEFF}" + minimalConfig) == config(minimalConfig))
    }

    @Test(arguments: ["\u{7}", "\u{1B}", "\u{7F}", "\u{9B}", "\u{0}"])
    func aControlCharacterIsNamedWithItsPlace(_ character: String) throws {
        let text = minimalConfig.replacing("shards: shards", with: "shards: sh\(character)rds")
        let error = try #require(throws: ConfigError.self) { try config(text) }
        #expect(error.location.hasSuffix(":2:13") && error.finding.contains("control character"))
    }

    @Test func whatAnOverrideCausesNamesIt() throws {
        let error = try #require(throws: ConfigError.self) {
            try config(minimalConfig, ["run.seed=2", "population.size=9", "run.steps=11"])
        }
        #expect(error.isOverride && error.location == "--set population.size=9")
        let other = try #require(throws: ConfigError.self) {
            try config(minimalConfig + "\nnonsense:\n  a: 1", ["run.seed=2"])
        }
        #expect(!other.isOverride)
    }

    @Test func thePaperRuleHasThePapersDefaults() throws {
        let config = try config(minimalConfig)
        let method = try #require(config.method as? Eggroll)
        let rule = try #require(method.rule as? ThresholdSettings)
        #expect(rule.thresholds == ThresholdSchedule(alphaBits: 4, decaySteps: 1000))
        #expect(method.fitness == .sign && method.loss == .sixteenth)
    }

    private func noise(_ config: RunConfig) -> NodePerturbationSettings? {
        (config.method as? NodePerturbation)?.noise
    }

    @Test func nodePerturbationHasDefaultsOfTheirOwn() throws {
        let text = minimalConfig.replacing("update:\n  rule: threshold", with: "")
        let config = try config(text, ["method=node-perturbation"])
        #expect(noise(config) == NodePerturbationSettings(head: .delta, noise: 2))
        #expect(config.method.loss == .fine && config.method.rule is MomentumSettings)
        #expect(
            config.method.rule.schedule
                == RateSchedule(rate: 1 << 31, decay: 0, steps: config.steps))
        #expect(try self.config(config.yaml) == config)
        let other = try self.config(
            text,
            [
                "method=node-perturbation", "population.head=perturbation",
                "population.noise=7", "population.headDraws=3", "update.rate=0.25",
                "update.decay=0.001",
            ])
        #expect(
            noise(other) == NodePerturbationSettings(head: .perturbation, noise: 7, headDraws: 3))
        #expect(try self.config(other.yaml) == other)
        let taught = try self.config(
            text, ["method=node-perturbation", "population.feedback=learned"])
        #expect(
            noise(taught) == NodePerturbationSettings(head: .delta, feedback: .learned, noise: 2))
        #expect(try self.config(taught.yaml) == taught)
    }

    /// Each rule goes with the votes that it can use.
    @Test(arguments: [
        (["update.rule=momentum"], "momentum", "eggroll", "node-perturbation"),
        (["method=node-perturbation"], "threshold", "node-perturbation", "eggroll"),
        (
            ["method=node-perturbation", "update.rule=residual"], "residual", "node-perturbation",
            "eggroll"
        ),
    ])
    func aRuleOfAnotherMethodIsRefusedWithItsMethod(
        _ overrides: [String], _ rule: String, _ method: String, _ other: String
    ) throws {
        let error = try #require(throws: ConfigError.self) {
            try config(minimalConfig, overrides)
        }
        #expect(
            error.finding.contains(
                "'update.rule' is \(rule), which cannot use the votes of method: \(method)"))
        #expect(error.remedy.contains("method: \(other)"))
    }

    @Test(arguments: ["eggroll", "node-perturbation"])
    func theResolvedConfigNamesTheMethod(_ method: String) throws {
        let text = minimalConfig.replacing("update:\n  rule: threshold", with: "")
        let config = try config(text, ["method=\(method)"])
        #expect(config.yaml.contains("\nmethod: \(method)\n"))
        #expect(try self.config(config.yaml) == config)
    }

    @Test func anUnknownMethodListsThoseThatThereAre() throws {
        let error = try #require(throws: ConfigError.self) {
            try config("method: adam\n" + minimalConfig)
        }
        #expect(error.location.hasSuffix(":1:9"))
        #expect(
            error.finding
                == "'method' must be one of \(MethodRegistry.standard.methods.map { $0.name }.joined(separator: ", ")),"
                + " found 'adam'")
    }

    /// The key that named the method before.
    @Test(arguments: ["weights", "activations"])
    func theOldKeyNamesTheNewOne(_ estimator: String) throws {
        let text = minimalConfig.replacing("size: 8", with: "size: 8\n  estimator: \(estimator)")
        let error = try #require(throws: ConfigError.self) { try config(text) }
        #expect(
            error.finding == "'population.estimator' is now the key 'method', outside the sections")
        #expect(
            error.remedy.contains("method: eggroll") && error.remedy.contains("node-perturbation"))
    }

    @Test(arguments: [
        ["update.rate=1"], ["update.rule=residual", "update.decaySteps=5"],
        ["population.fitness=magnitude8"], ["update.rule=residual", "update.rate=1.0000000004"],
        ["update.rule=residual", "update.rate=-1"], ["update.rule=residual", "update.rate=17"],
        ["update.rule=residual", "update.decay=0.1"], ["model.lossFractionBits=5"],
        ["model.headScale=65"],
    ])
    func refusesWhatDoesNotFitTheRule(overrides: [String]) {
        #expect(throws: ConfigError.self) { try config(minimalConfig, overrides) }
    }

    @Test func theDefaultWidthOfTheMLPStaysInItsRange() throws {
        #expect(try config(minimalConfig, ["model.hidden=4096"]).model.mlpWidth == 16383)
    }

    @Test func readsEverySetting() throws {
        let config = try config(
            """
            method: eggroll
            data: {shards: 'a b', storybookBytes: 300000}
            model: {hidden: 3, layers: 4, mlpWidth: 5, gate: sigmoid, mlp: relu}
            population:
              size: 1_200
              groupSize: 6
              segmentTokens: 9
              sigmaShift: 5
              noiseReuse: 0
              sequencesPerMember: 2
            update: {rule: threshold, alphaBits: 3, decaySteps: 50}
            run: {steps: 77, seed: 18446744073709551615}
            validation: {every: 0, tokens: 0, streams: 1}
            checkpoints: {every: 0, keep: 1}
            """)
        #expect(config.shards == "a b" && config.storybookBytes == 300_000)
        #expect(
            config.model
                == ModelConfig(
                    hidden: 3, layers: 4, mlpWidth: 5, gate: .sigmoid, mlp: .relu)
        )
        #expect(
            config.population
                == Population(
                    size: 1200, groupSize: 6, segmentTokens: 9, sigmaShift: 5, noiseReuse: 0,
                    sequencesPerMember: 2))
        let rule = try #require(config.method.rule as? ThresholdSettings)
        #expect(rule.thresholds == ThresholdSchedule(alphaBits: 3, decaySteps: 50))
        #expect(config.steps == 77 && config.seed == .max)
        #expect(config.validation == .init(every: 0, tokens: 0, streams: 1))
        #expect(config.checkpoints == .init(every: 0, keep: 1))
    }

    @Test func overridesGoBeforeTheFileAndTheLastOneCounts() throws {
        let config = try config(
            minimalConfig,
            ["run.steps=3", "model.gate=sigmoid", "run.steps=4", "data.shards=x=y", "run.seed=9"])
        #expect(config.steps == 4 && config.seed == 9)
        #expect(config.model.gate == .sigmoid && config.shards == "x=y")
    }

    /// Seeds are spelt as all integers are.
    @Test(arguments: [("1_000", 1000), ("+5", 5), ("18_446_744_073_709_551_615", UInt64.max)])
    func readsASeed(_ text: String, _ seed: UInt64) throws {
        #expect(try config(minimalConfig, ["run.seed=\(text)"]).seed == seed)
    }

    /// The stories are those of the shards that are named beside them.
    @Test(arguments: [
        ([], 300_000), (["data.shards=x"], 0), (["data.storybookBytes=400000"], 400_000),
        (["data.shards=x", "data.storybookBytes=400000"], 400_000),
    ])
    func storiesAreForTheirOwnShards(_ overrides: [String], _ bytes: Int) throws {
        let text = minimalConfig.replacing(
            "  shards: shards", with: "  shards: shards\n  storybookBytes: 300000")
        #expect(try config(text, overrides).storybookBytes == bytes)
    }

    @Test func overridesCanGiveWhatTheFileLeavesOut() throws {
        let text = minimalConfig.replacing("  steps: 10", with: "  seed: 2")
        #expect(throws: ConfigError.self) { try config(text) }
        #expect(try config(text, ["run.steps=5"]).steps == 5)
    }

    @Test func anOverrideMendsABadValue() throws {
        let text = minimalConfig.replacing("steps: 10", with: "steps: many")
        #expect(try config(text, ["run.steps=5"]).steps == 5)
    }
}
