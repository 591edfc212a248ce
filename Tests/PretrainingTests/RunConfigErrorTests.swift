import Settings
import TestSupport
import Testing

@testable import Pretraining

/// The place of an error in a config.
@Suite struct RunConfigErrorTests {
    private func error(replacing old: String, _ new: String) throws -> ConfigError {
        try configError(minimalConfig.replacing(old, with: new))
    }

    @Test func namesThePlaceOfAValue() throws {
        #expect(
            try error(replacing: "hidden: 16", "hidden: wide")
                == ConfigError(
                    "run.yaml:4:11", "'model.hidden' must be an integer, found 'wide'",
                    remedy: "change the value"))
    }

    @Test func namesTheRangeOfAValue() throws {
        #expect(
            try error(replacing: "layers: 2", "layers: 65").finding
                == "'model.layers' must be an integer from 1 to 64, found '65'")
    }

    /// The head's own error is that of the unperturbed model.
    @Test func aHeadThatLearnsFromItsErrorNeedsOneSidedSampling() throws {
        let settings = ["population.head=delta", "update.rule=residual"]
        let found = try configError(minimalConfig, settings)
        #expect(found.location == "--set population.head=delta")
        #expect(
            found.finding
                == "population.head: delta learns from the unperturbed model, which nobody evaluates here"
        )
        #expect(found.remedy.contains("population.sampling: one-sided"))
        let directory = try TemporaryDirectory()
        let config = try RunConfig(
            file: try directory.write("run.yaml", minimalConfig),
            overrides: settings + ["population.sampling=one-sided"])
        #expect(config.yaml.contains("\n  head: delta\n"))
    }

    /// A token is scored by those before it.
    @Test func oneTokenIsNothingToValidateWith() throws {
        let found = try configError(minimalConfig, ["validation.tokens=1"])
        #expect(found.location == "--set validation.tokens=1")
        #expect(found.finding.contains("'validation.tokens' is 1"))
        #expect(found.isOverride)
    }

    /// A required key that is misspelt is an unknown key, not a missing one.
    @Test func aMisspeltKeyIsUnknownBeforeItIsMissing() throws {
        #expect(
            try error(replacing: "layers: 2", "layer: 2")
                == ConfigError(
                    "run.yaml:5:3", "unknown key 'model.layer'",
                    remedy: "'model' knows hidden, layers, mlpWidth, gate, mlp, contexts,"
                        + " lossFractionBits, recurrentScale, headScale"))
    }

    @Test func aMissingKeyIsNamedAtItsSection() throws {
        #expect(
            try error(replacing: "  layers: 2\n", "")
                == ConfigError(
                    "run.yaml:3:1", "'model.layers' is missing",
                    remedy: "add it to the section 'model'"))
    }

    @Test func aMissingSectionIsNamedAtTheFile() throws {
        let error = try error(replacing: "run:\n  steps: 10", "")
        #expect(error.location == "run.yaml" && error.finding == "'run.steps' is missing")
    }

    @Test func anUnknownSectionListsTheOthers() throws {
        #expect(
            try configError(minimalConfig + "\nextra:\n  a: 1")
                == ConfigError(
                    "run.yaml:13:1", "unknown section 'extra'",
                    remedy:
                        "known are data, model, population, update, run, validation, checkpoints,"
                        + " journal, metrics"))
    }

    private static let activations = [
        "method=node-perturbation", "update.rule=momentum",
    ]

    /// A setting that another leaves without a use is refused, and read with the one that the error names.
    @Test(arguments: [
        ("population.feedback=learned", "method: node-perturbation", activations),
        ("population.noise=3", "method: node-perturbation", activations),
        (
            "population.headDraws=4", "method: node-perturbation",
            activations + ["population.head=perturbation"]
        ),
        ("update.rate=0.5", "update.rule: residual", ["update.rule=residual"]),
        ("update.decay=0.002", "update.rule: residual", ["update.rule=residual"]),
    ])
    func settingsWithoutAUseNameWhatGivesThemOne(
        _ setting: String, _ use: String, _ others: [String]
    ) throws {
        try check(setting, use, others, in: minimalConfig)
    }

    @Test(arguments: [
        (
            "population.fitness=sign", "method: eggroll",
            ["method=eggroll", "update.rule=residual"]
        ),
        (
            "population.sampling=antithetic", "method: eggroll",
            ["method=eggroll", "update.rule=residual"]
        ),
        (
            "population.sigmaShift=5", "method: eggroll",
            ["method=eggroll", "update.rule=residual"]
        ),
        (
            "population.noiseReuse=2", "method: eggroll",
            ["method=eggroll", "update.rule=residual"]
        ),
        (
            "population.sequencesPerMember=2", "method: eggroll",
            ["method=eggroll", "update.rule=residual"]
        ),
        (
            "population.headDraws=4", "population.head: perturbation",
            ["population.head=perturbation"]
        ),
        (
            "update.alphaBits=3", "update.rule: threshold",
            ["method=eggroll", "update.rule=threshold"]
        ),
        (
            "update.decaySteps=9", "update.rule: threshold",
            ["method=eggroll", "update.rule=threshold"]
        ),
    ])
    func settingsOfNoiseOnWeightsNameIt(
        _ setting: String, _ use: String, _ others: [String]
    ) throws {
        let text = minimalConfig.replacing("data:", with: "method: node-perturbation\ndata:")
        try check(setting, use, others, in: text.replacing("threshold", with: "momentum"))
    }

    private func check(
        _ setting: String, _ use: String, _ others: [String], in text: String
    ) throws {
        let found = try configError(text, [setting])
        #expect(found.location == "--set \(setting)")
        let path = try #require(setting.split(separator: "=").first)
        #expect(found.finding == "'\(path)' has no use without \(use)")
        let directory = try TemporaryDirectory()
        let file = try directory.write("run.yaml", text)
        _ = try RunConfig(file: file, overrides: others + [setting])
    }

    @Test func combinationsAreReportedAtTheSetting() throws {
        let error = try configError(minimalConfig, ["population.groupSize=3"])
        #expect(error.location == "--set population.groupSize=3")
        #expect(error.finding == "population.groupSize: 3 is not an even number of members")
    }

    /// YAML's quotes make a text of it.
    @Test(arguments: ["run.steps", "run.seed", "model.lossFractionBits"], ["'7'", "\"7\""])
    func aQuotedNumberIsNamedAsText(_ path: String, _ value: String) throws {
        let error = try configError(minimalConfig, ["\(path)=\(value)"])
        #expect(error.finding.hasPrefix("'\(path)' must be"))
        #expect(error.finding.hasSuffix("found the quoted text '7'"))
        #expect(error.remedy == "write it without quotes")
    }

    @Test(arguments: ["0x10", "1e3", "16.0", "true", "''", "~", "1:30", "1,000", "٣", "_1"])
    func integersAreWrittenInDecimal(_ value: String) throws {
        let error = try error(replacing: "hidden: 16", "hidden: \(value)")
        #expect(error.location == "run.yaml:4:11")
        #expect(error.finding.hasPrefix("'model.hidden' must be an integer"))
    }

    @Test(arguments: ["-1", "18446744073709551616", "_1", "1.0", "x", "''"])
    func seedsHave64Bits(_ value: String) throws {
        let error = try error(replacing: "  steps: 10", "  steps: 10\n  seed: \(value)")
        #expect(error.location == "run.yaml:11:9")
        #expect(error.finding.contains("an integer from 0 to 18446744073709551615"))
    }

    @Test(arguments: [
        "", "# only a comment\n", "[]", "- data", "text", "---\n...\n", "data: [1, 2",
        "data:\n\t- x", "&a [*a]", "? {a: b}\n: c", "{{}: {}}", "data: !!binary x", "a: *b",
        "%YAML",
        "\u{0}", "data: {shards: x}\n---\ndata: {shards: y}",
    ])
    func malformedTextIsAnErrorOfTheFile(_ text: String) throws {
        #expect(try configError(text).location.hasPrefix("run.yaml"))
    }

    @Test(arguments: ["", "=", ".=", "run=1", "run.steps", "run..steps=1", ".steps=1", "run.=1"])
    func malformedOverridesAreNamed(_ override: String) throws {
        #expect(try configError(minimalConfig, [override]).location == "--set \(override)")
    }
}
