import RecurrentLM
import Settings
import TestSupport
import Testing

@testable import Pretraining

/// The contexts of a config, and what may be wrong with them.
@Suite struct ContextConfigTests {
    /// A config whose section `model` ends with these lines, the first of them line 7.
    private static func text(_ lines: String...) -> String {
        let end = "  layers: 2"
        return minimalConfig.replacing("data:", with: "method: node-perturbation\ndata:")
            .replacing("threshold", with: "momentum")
            .replacing(end, with: ([end] + lines.map { "  " + $0 }).joined(separator: "\n"))
    }

    private func config(_ text: String, _ overrides: [String] = []) throws -> RunConfig {
        let directory = try TemporaryDirectory()
        return try RunConfig(file: try directory.write("run.yaml", text), overrides: overrides)
    }

    @Test func withoutThemAModelHasNone() throws {
        for text in [Self.text(), Self.text("contexts: []")] {
            let config = try config(text)
            #expect(config.model.contexts.isEmpty && config.model.contextRows == 0)
            #expect(!config.model.direct)
            let names = config.settings.map(\.path)
            #expect(!names.contains { $0.hasPrefix("model.context") || $0 == "model.direct" })
            #expect(try self.config(config.yaml) == config)
        }
    }

    @Test(arguments: [
        "contexts: [2, 7, word, word-pair]", "contexts: [ 2,7, 'word', \"word-pair\" ]",
        "contexts:\n  - 2\n  - 7\n  - word\n  - word-pair",
    ])
    func aListIsRead(_ list: String) throws {
        let config = try config(Self.text(list, "contextRows: 4_096"))
        #expect(config.model.contexts == [.bytes(2), .bytes(7), .word, .wordPair])
        #expect(config.model.contextRows == 4096)
    }

    @Test func aListMayBeAnOverride() throws {
        let config = try config(Self.text("contexts: [word]"), ["model.contexts=[2, 3]"])
        #expect(config.model.contexts == [.bytes(2), .bytes(3)])
        #expect(
            try self.config(Self.text("contexts: [2]"), ["model.contexts=[]"])
                == self.config(Self.text()))
    }

    @Test func theRowsHaveADefault() throws {
        let config = try config(Self.text("contexts: [2]"))
        #expect(config.model.contextRows == 1 << 21)
        try config.model.validate()
    }

    @Test func directConnectionsAreOffUnlessAsked() throws {
        #expect(try !config(Self.text("contexts: [2]")).model.direct)
        #expect(try !config(Self.text("contexts: [2]", "direct: false")).model.direct)
        #expect(try config(Self.text("contexts: [2]", "direct: true")).model.direct)
        #expect(try config(Self.text("contexts: [2]"), ["model.direct=true"]).model.direct)
    }

    /// EGGROLL has what direct connections learn from where it evaluates the unperturbed model.
    @Test func oneSidedMembersMayHaveDirectConnections() throws {
        let text = minimalConfig.replacing(
            "  layers: 2", with: "  layers: 2\n  contexts: [2]\n  direct: true")
        let error = try configError(text)
        #expect(error.location == "run.yaml:7:11")
        #expect(
            error.finding
                == "model.direct: learns from the unperturbed model, which nobody evaluates here")
        #expect(error.remedy.contains("population.sampling: one-sided"))
        #expect(error.remedy.contains("method: node-perturbation"))
        #expect(try config(text, ["population.sampling=one-sided"]).model.direct)
        #expect(try configError(text, ["population.sampling=antithetic"]) == error)
    }

    @Test(arguments: [
        [], ["model.contextRows=256"], ["model.contextRows=67108864"], ["model.direct=true"],
    ])
    func theResolvedConfigRoundTrips(_ overrides: [String]) throws {
        let config = try config(Self.text("contexts: [3, word-pair, 1]"), overrides)
        #expect(config.yaml.contains("\n  contexts: [3, word-pair, 1]\n"))
        #expect(config.yaml.contains("\n  contextRows: \(config.model.contextRows)\n"))
        #expect(config.yaml.contains("\n  direct: \(config.model.direct)\n"))
        #expect(try self.config(config.yaml) == config)
        #expect(try self.config(config.yaml).yaml == config.yaml)
    }

    @Test func weightsDependOnThem() throws {
        let settings = try config(Self.text("contexts: [3]")).settings
        let shaping = settings.filter(\.shapesWeights).map(\.path)
        let paths = ["model.contexts", "model.contextRows", "model.direct"]
        #expect(Set(shaping).isSuperset(of: paths))
    }

    // MARK: Errors

    private static let wanted = "of numbers of bytes from 1 to 7, word or word-pair"

    @Test(arguments: ["2", "word", "'[2]'", "2, 3"])
    func whatIsNoListIsNamed(_ value: String) throws {
        let error = try configError(Self.text("contexts: \(value)"))
        #expect(error.location == "run.yaml:7:13")
        let start = "'model.contexts' must be a list such as [a, b] \(Self.wanted), found "
        #expect(error.finding.hasPrefix(start), "\(error.finding)")
    }

    @Test(arguments: [
        "0", "8", "-1", "trigram", "Word", "02", "2.0", "''", "~", "99999999999999999999",
    ])
    func anUnknownNameIsNamed(_ name: String) throws {
        let error = try configError(Self.text("contexts: [2, \(name)]"))
        #expect(error.location == "run.yaml:7:13")
        let found = name == "''" ? "" : name
        #expect(
            error.finding
                == "'model.contexts' must be a list \(Self.wanted), found '\(found)' in it")
        #expect(!error.remedy.isEmpty)
        let override = "model.contexts=[\(name)]"
        #expect(try configError(Self.text(), [override]).location == "--set \(override)")
    }

    @Test(arguments: ["[[2]]", "[{a: 2}]", "[2, [3, 4]]"]) func aListInAListIsNoName(_ list: String)
        throws
    {
        let error = try configError(Self.text("contexts: \(list)"))
        #expect(error.finding.hasSuffix("found 'a list or section' in it"))
    }

    @Test func aSectionIsNoList() throws {
        let error = try configError(Self.text("contexts: {a: 2}"))
        #expect(error.location == "run.yaml:7:13" && error.finding.contains("must be a list"))
    }

    @Test(arguments: ["[2, 3, 2]", "[word, word]"]) func aContextTwiceIsRefused(_ list: String)
        throws
    {
        let error = try configError(Self.text("contexts: \(list)"))
        #expect(error.location == "run.yaml:7:13")
        #expect(error.finding.hasPrefix("model.contexts: ") && error.finding.contains("one twice"))
    }

    @Test func moreThanSixteenAreRefused() throws {
        let list = [String](repeating: "3", count: ModelConfig.mostContexts + 1)
        let error = try configError(Self.text("contexts: [\(list.joined(separator: ", "))]"))
        #expect(error.location == "run.yaml:7:13" && error.finding.hasPrefix("model.contexts: "))
    }

    @Test(arguments: ["257", "1000", "67108863"]) func rowsArePowersOfTwo(_ rows: String) throws {
        let error = try configError(Self.text("contexts: [2]", "contextRows: \(rows)"))
        #expect(error.location == "run.yaml:8:16")
        #expect(error.finding == "model.contextRows: \(rows) is no power of two")
    }

    @Test(arguments: ["0", "255", "134217728", "many", "-256", "256.0"])
    func rowsHaveARange(_ rows: String) throws {
        let error = try configError(Self.text("contexts: [2]", "contextRows: \(rows)"))
        #expect(error.location == "run.yaml:8:16")
        #expect(error.finding.hasPrefix("'model.contextRows' must be an integer"))
    }

    @Test(arguments: ["1", "yes", "True", "[true]", "''"]) func directIsTrueOrFalse(
        _ value: String
    ) throws {
        let error = try configError(Self.text("contexts: [2]", "direct: \(value)"))
        #expect(error.location == "run.yaml:8:11")
        #expect(error.finding.hasPrefix("'model.direct' must be "), "\(error.finding)")
        #expect("\(error)".contains("true") && "\(error)".contains("false"))
    }

    @Test(arguments: ["contextRows: 256", "direct: true", "direct: false"])
    func withoutContextsTheOthersHaveNoUse(_ line: String) throws {
        let error = try configError(Self.text(line))
        #expect(error.location == "run.yaml:7:3")
        let key = line.prefix { $0 != ":" }
        #expect(error.finding == "'model.\(key)' has no use without model.contexts")
    }

    /// Keys are listed in the order in which the documentation has them.
    @Test func anUnknownKeyListsThemAfterTheOthers() throws {
        let plain = try configError(Self.text("context: [2]"))
        #expect(plain.finding == "unknown key 'model.context'")
        #expect(
            plain.remedy.hasPrefix("'model' knows hidden, layers, mlpWidth, gate, mlp, contexts,"))
        let remedy = try configError(Self.text("contexts: [2]", "rows: 256")).remedy
        #expect(remedy.contains(" mlp, contexts, contextRows, direct, "), "\(remedy)")
    }
}
