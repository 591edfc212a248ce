import CLibrary
import Storage
import Testing

/// A run that is continued ends with the bytes of one that never stopped.
@Suite struct ResumeTests {
    /// Settings whose state a checkpoint must carry.
    static let settings: [[String]] = [
        [],
        ["population.noiseReuse=0"],
        ["population.groupSize=4", "population.sequencesPerMember=3", "population.noiseReuse=3"],
        ["model.gate=sigmoid", "model.mlp=relu", "model.layers=2"],
        ["population.segmentTokens=512"],  // passes the end of the streams
    ]

    @Test(arguments: settings) func continuesExactly(_ settings: [String]) throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        expectSuccess(try workspace.train("straight", set: settings))
        expectSuccess(
            try workspace.train("run", set: settings + ["run.steps=7"], flags: ["--threads", "1"]))
        #expect(try workspace.model("run") != workspace.model("straight"))
        expectSuccess(
            try workspace.train(
                "run", set: settings, flags: ["--resume", "--threads", "3", "--kernel", "portable"])
        )
        #expect(try workspace.model("run") == workspace.model("straight"))
        #expect(try workspace.loggedSteps("run") == Array(1...12))
        #expect(try workspace.read("run/config.yaml") == workspace.read("straight/config.yaml"))
    }

    static let activationSettings: [[String]] = [
        [],
        ["population.head=perturbation", "population.groupSize=4"],
        ["model.gate=sigmoid", "model.mlp=relu", "model.layers=2"],
        ["population.segmentTokens=512", "population.noise=5", "update.decay=0.001"],
        ["population.feedback=learned", "model.mlp=relu", "update.rate=0.5"],
        ["population.feedback=learned", "population.groupSize=8", "model.layers=2"],
    ]

    /// Besides the weights there are the groups' states, the scales, the momenta and the feedback.
    @Test(arguments: activationSettings)
    func continuesActivationsExactly(_ settings: [String]) throws {
        let workspace = try Workspace()
        try workspace.prepareRun(config: tinyActivationsConfig)
        expectSuccess(try workspace.train("run", set: settings))
        let straight = try workspace.model("run")
        try Files.removeTree(workspace["run/checkpoints/step-00000012"])
        expectSuccess(
            try workspace.train(
                "run", set: settings, flags: ["--resume", "--threads", "3", "--kernel", "portable"])
        )
        #expect(try workspace.model("run") == straight)
        #expect(try workspace.loggedSteps("run") == Array(1...12))
    }

    /// Ways in which a crash may have left the directory of a run that has done 10 of 12 steps.
    struct Crash: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let leave: @Sendable (Workspace) throws -> Void

        init(_ name: String, _ leave: @escaping @Sendable (Workspace) throws -> Void) {
            testDescription = name
            self.leave = leave
        }
    }

    static let crashes: [Crash] = [
        Crash("between checkpoints") { _ in },
        Crash("while a checkpoint was written") {
            try $0.write("run/checkpoints/step-00000012.partial/model.safetensors", "half")
        },
        Crash("before the link was moved") {
            try $0.link("run/latest", to: "checkpoints/step-00000005")
        },
        Crash("before there was a link") { try Files.remove($0["run/latest"]) },
        Crash("while the link was made") {
            try $0.link("run/latest.partial", to: "checkpoints/step-00000012")
        },
        Crash("while the metrics were written") {
            try $0.edit("run/metrics.jsonl") { $0.removeLast(20) }
        },
        Crash("while the journal's header was written") {
            try $0.write("run/journal.egg.partial", "EGGJ")
        },
        Crash("before the steps since the checkpoint reached the disk") {
            try $0.edit("run/journal.egg") { $0.removeLast($0.count - (72 + 10 * 28 + 8)) }
        },
        Crash("while the config was written") { try $0.write("run/config.yaml.partial", "half") },
        Crash("before pruning") {
            try $0.copy($0["run/checkpoints/step-00000010"], to: "run/checkpoints/step-00000003")
        },
    ]

    @Test(arguments: crashes) func continuesAfterACrash(_ crash: Crash) throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        let expected = try workspace.model("run")
        try Files.removeTree(workspace["run/checkpoints/step-00000012"])
        try crash.leave(workspace)
        expectSuccess(try workspace.train("run", flags: ["--resume", "--threads", "2"]))
        #expect(try workspace.model("run") == expected)
        #expect(try workspace.loggedSteps("run") == Array(1...12))
        #expect(try workspace.checkpoints("run") == ["step-00000010", "step-00000012"])
        #expect(
            try workspace.list("run").allSatisfy {
                !$0.hasSuffix(AtomicFile.suffix)
            })
    }

    /// Figures of another part of the text say nothing about which checkpoint was the best.
    @Test(arguments: [("512", "40"), ("40", "512")])
    func theBestIsThatOfTheMeasureNow(_ before: String, _ now: String) throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let often = ["validation.every=1", "checkpoints.every=1", "checkpoints.keep=1"]
        expectSuccess(
            try workspace.train("run", set: often + ["validation.tokens=\(before)", "run.steps=6"]))
        expectSuccess(
            try workspace.train(
                "run", set: often + ["validation.tokens=\(now)", "run.steps=10"],
                flags: ["--resume"]))
        let figures = try workspace.lines("run/metrics.jsonl").map { line in
            try #require(line.firstMatch(of: /"validationBitsPerByte":(\d+\.\d{4})/)).1
        }
        #expect(figures.count == 10)
        let least = try #require(figures[6...].min())
        let best = try #require(Files.linkTarget(workspace["run/best"])?.suffix(2))
        let step = try #require(Int(best))
        #expect(step > 6 && figures[step - 1] == least)
    }

    @Test func aFinishedRunIsLeftAsItIs() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        let before = try workspace.snapshot()
        let result = try workspace.train("run", flags: ["--resume", "--threads", "2"])
        expectSuccess(result)
        #expect(result.text.hasPrefix("run: 12 of 12 steps done\n"))
        #expect(try workspace.snapshot() == before)
    }

    /// The last checkpoint has its name, the links and the older checkpoints are as before.
    @Test func aFinishedRunIsRepaired() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        let before = try workspace.snapshot()
        try Files.remove(workspace["run/best"])
        try workspace.link("run/latest", to: "checkpoints/step-00000005")
        try workspace.copy(
            workspace["run/checkpoints/step-00000010"], to: "run/checkpoints/step-00000005")
        expectSuccess(try workspace.train("run", flags: ["--resume"]))
        #expect(try workspace.snapshot() == before)
    }

    @Test func aFinishedRunCanBeExtended() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        expectSuccess(try workspace.train("run", set: ["run.steps=15"], flags: ["--resume"]))
        expectSuccess(try workspace.train("straight", set: ["run.steps=15"]))
        #expect(try workspace.model("run") == workspace.model("straight"))
        #expect(try workspace.loggedSteps("run") == Array(1...15))
    }

    @Test(arguments: ["none", "empty", "own"])
    func refusesWhereThereIsNothing(_ output: String) throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        try Files.createDirectory(workspace["empty"])
        try workspace.write("own/config.yaml", "# my notes\n" + tinyConfig)
        let before = try workspace.snapshot()
        expectError(
            try workspace.train(output, flags: ["--resume"]), code: 1,
            ["\(output): ", "there is nothing to continue", "leave out --resume"])
        #expect(try workspace.snapshot() == before)
    }

    /// A model without an MLP has a function of it in its file all the same.
    @Test func continuesAModelWithoutAnMLP() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let settings = ["model.mlpWidth=0", "model.mlp=relu"]
        expectSuccess(try workspace.train("run", set: settings + ["run.steps=5"]))
        expectSuccess(try workspace.train("run", set: settings, flags: ["--resume"]))
        expectSuccess(try workspace.run(.sample, ["--checkpoint", "run", "--tokens", "9"]))
    }

    /// Moved shards are the same data as long as their content is.
    @Test func continuesWithMovedData() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        try workspace.copy(try Fixtures.shared.shards, to: "elsewhere/shards")
        let overrides = ["data.shards=elsewhere/shards", "run.steps=13"]
        expectSuccess(try workspace.train("run", set: overrides, flags: ["--resume"]))
        #expect(try workspace.loggedSteps("run") == Array(1...13))
    }

    /// The tokens count, not the bytes that zstd made of them.
    @Test func continuesWithDataCompressedAnew() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        let arguments = [
            try Fixtures.shared.text, "--output", "denser", "--validation-fraction", "0.05",
            "--shard-tokens", "20000", "--frame-tokens", "2048", "--level", "12",
        ]
        expectSuccess(try workspace.run(.tokenize, arguments))
        #expect(try workspace.read("denser/index.json") != workspace.read("shards/index.json"))
        let overrides = ["data.shards=denser", "run.steps=13"]
        expectSuccess(try workspace.train("run", set: overrides, flags: ["--resume"]))
    }
}
