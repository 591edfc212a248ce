import Storage
import Testing

/// Runs that go on in another way than they began: with more steps, or from weights of another run.
@Suite struct ContinuationTests {
    private static let residualConfig = tinyConfig.replacing(
        "rule: threshold", with: "rule: residual")

    private func workspace(_ config: String) throws -> Workspace {
        let workspace = try Workspace()
        try workspace.prepareRun(config: config)
        return workspace
    }

    @Test func theDirectoryAloneIsEnough() throws {
        let workspace = try workspace(tinyConfig)
        try workspace.prepareFinishedRun()
        expectSuccess(try workspace.train("part", set: ["run.steps=7"]))
        expectSuccess(
            try workspace.run(.pretrain, ["--resume", "part", "--set", "run.steps=12"]))
        #expect(try workspace.model("part") == workspace.model("run"))
        let again = try workspace.run(.pretrain, ["--resume", "part"])
        #expect(again.code == 0 && again.text.hasPrefix("part: 12 of 12 steps done\n"))
        #expect(try workspace.read("part/config.yaml") == workspace.read("run/config.yaml"))
    }

    /// The rate depends on the number of steps: the config of the run says which steps were done how, so that it gives
    /// the same bytes again.
    @Test(arguments: [residualConfig, tinyActivationsConfig], [20, 10])
    func moreOrFewerSteps(_ config: String, _ steps: Int) throws {
        let workspace = try workspace(config)
        expectSuccess(
            try workspace.train(
                "run", set: ["run.steps=9", "checkpoints.every=3", "validation.every=0"]))
        try Files.removeTree(workspace["run/checkpoints/step-00000009"])
        // The journal has three steps behind the checkpoint of step 6.
        let more = ["--resume", "run", "--set", "run.steps=\(steps)"]
        let result = try workspace.run(.pretrain, more)
        #expect(result.code == 0, "\(result.errors)")
        #expect(
            result.errors.contains(
                "the first 6 steps had the rates of a run of 9 steps; from here on"))
        #expect(try workspace.lines("run/config.yaml").contains("  phases: 6 of 9"))
        #expect(try workspace.loggedSteps("run") == Array(1...steps))
        // The same bytes from the beginning, and once more after a crash.
        expectSuccess(
            try workspace.run(.pretrain, ["--config", "run/config.yaml", "--output", "straight"]))
        #expect(try workspace.model("straight") == workspace.model("run"))
        for step in try workspace.checkpoints("run") where step != "step-00000006" {
            try Files.removeTree(workspace["run/checkpoints/\(step)"])
        }
        expectSuccess(try workspace.run(.pretrain, ["--resume", "run"]))
        #expect(try workspace.model("straight") == workspace.model("run"))
        if config == Self.residualConfig {
            expectSuccess(try workspace.run(.replay, ["--run", "run", "--verify"]))
        }
    }

    @Test func anExtendedRunIsExtendedAgain() throws {
        let workspace = try workspace(Self.residualConfig)
        expectSuccess(try workspace.train("run", set: ["run.steps=4"]))
        for steps in [8, 12] {
            let more = ["--resume", "run", "--set", "run.steps=\(steps)"]
            #expect(try workspace.run(.pretrain, more).code == 0)
        }
        #expect(try workspace.lines("run/config.yaml").contains("  phases: 4 of 4, 8 of 8"))
        expectSuccess(
            try workspace.run(.pretrain, ["--config", "run/config.yaml", "--output", "straight"]))
        #expect(try workspace.model("straight") == workspace.model("run"))
        // The config that the run began with goes on too.
        let result = try workspace.train(
            "run", set: ["run.steps=13", "update.rate=2"], flags: ["--resume"])
        #expect(result.code == 0, "\(result.errors)")
    }

    @Test func otherPhasesAreRefused() throws {
        let workspace = try workspace(Self.residualConfig)
        expectSuccess(try workspace.train("run", set: ["run.steps=4"]))
        let more = ["--resume", "run", "--set", "run.steps=8", "--set", "run.phases=3 of 5"]
        expectError(
            try workspace.run(.pretrain, more), code: 1,
            ["step-00000004: ", "were not those that run.phases says", "leave run.phases out"])
    }

    @Test func phasesOfARuleWithoutARateAreRefused() throws {
        let workspace = try workspace(tinyConfig)
        expectError(
            try workspace.train("run", set: ["run.phases=3 of 5"]), code: 64,
            ["--set run.phases", "has no use without an update.rule with a rate"])
    }

    @Test(arguments: [residualConfig, tinyActivationsConfig])
    func aRunBeginsWithTheWeightsOfAnother(_ config: String) throws {
        let workspace = try workspace(config)
        expectSuccess(try workspace.train("first", set: ["run.steps=4"]))
        let further = ["--init", "first", "--config", "run.yaml", "--output"]
        expectSuccess(
            try workspace.run(
                .pretrain, further + ["second", "--set", "run.seed=3", "run.steps=6"]))
        expectSuccess(
            try workspace.run(.pretrain, ["--config", "second/config.yaml", "--output", "third"]))
        #expect(try workspace.model("third") == workspace.model("second"))
        expectSuccess(try workspace.train("random", set: ["run.seed=3", "run.steps=6"]))
        #expect(try workspace.model("random") != workspace.model("second"))
        expectSuccess(
            try workspace.run(.pretrain, ["--resume", "second", "--set", "validation.every=1"]))
        if config == Self.residualConfig {
            expectSuccess(try workspace.run(.replay, ["--run", "second", "--verify"]))
        }
        // The run names the weights, not only their file.
        try workspace.write("first/latest/model.safetensors", try workspace.model("random"))
        expectError(
            try workspace.run(.pretrain, ["--config", "second/config.yaml", "--output", "fourth"]),
            code: 1, ["first: ", "the run began with", "run.init=PATH"])
    }

    @Test func anotherModelIsRefusedWithTheFlagsForIt() throws {
        let workspace = try workspace(tinyConfig)
        try workspace.prepareFinishedRun()
        let before = try workspace.snapshot()
        let further = ["--init", "run", "--config", "run.yaml", "--output", "x", "--set"]
        expectError(
            try workspace.run(.pretrain, further + ["model.hidden=32", "model.layers=2"]), code: 1,
            ["run: ", "hidden 16, not 32", "--set model.hidden=16", "model.layers=1"])
        expectError(
            try workspace.run(.pretrain, further + ["model.mlp=relu"]), code: 1,
            ["'mlp' is identity, and model.mlp says relu", "say the same"])
        expectError(
            try workspace.run(
                .pretrain, ["--init", "none", "--config", "run.yaml", "--output", "x"]),
            code: 1, ["none: "])
        #expect(try workspace.snapshot() == before)
    }
}
