import Storage
import Testing

/// What a finished run leaves in its directory.
@Suite struct RunDirectoryTests {
    private func finishedRun() throws -> Workspace {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        return workspace
    }

    @Test func metricsHaveALineForEachStep() throws {
        let lines = try finishedRun().lines("run/metrics.jsonl")
        #expect(lines.count == 12)
        for (index, text) in lines.enumerated() {
            let line = try JSONValue(Array(text.utf8))
            #expect(line["step"]?.integer == index + 1)
            for key in ["trainBitsPerByte", "changedFraction", "tieRate", "wallSeconds"] {
                #expect(text.contains(try Regex("\"\(key)\":[0-9]+\\.[0-9]+[,}]")), "\(text)")
            }
            #expect(try #require(line["memberTokensPerSecond"]?.integer) > 0)
            let isMeasured = [4, 8, 12].contains(index + 1)
            #expect((line["validationBitsPerByte"] != nil) == isMeasured)
            #expect((line["validationIntegerBitsPerByte"] != nil) == isMeasured)
        }
    }

    @Test func checkpointsAreLinkedAndPruned() throws {
        let workspace = try finishedRun()
        #expect(try workspace.checkpoints("run") == ["step-00000010", "step-00000012"])
        #expect(try Files.linkTarget(workspace["run/latest"]) == "checkpoints/step-00000012")
        #expect(try Files.linkTarget(workspace["run/best"]) == "checkpoints/step-00000012")
        #expect(
            try workspace.list("run") == [
                "best", "checkpoints", "config.yaml", "journal.egg", "latest", "lock",
                "machines.jsonl", "metrics.jsonl",
            ])
    }

    @Test func theBestCheckpointIsKept() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        expectSuccess(
            try workspace.train(
                "run", set: ["validation.every=1", "checkpoints.every=1", "checkpoints.keep=1"]))
        var best: (step: Int, bits: Int)?
        for text in try workspace.lines("run/metrics.jsonl") {
            let match = try #require(text.firstMatch(of: /"validationBitsPerByte":(\d+)\.(\d{4})/))
            let bits = try #require(Int(match.1 + match.2))
            let step = try #require(try JSONValue(Array(text.utf8))["step"]?.integer)
            if best.map({ bits < $0.bits }) ?? true { best = (step, bits) }
        }
        let digits = String(try #require(best).step)
        let name = "step-" + String(repeating: "0", count: 8 - digits.count) + digits
        #expect(try Files.linkTarget(workspace["run/best"]) == "checkpoints/\(name)")
        #expect(try workspace.checkpoints("run") == Set([name, "step-00000012"]).sorted())
    }

    @Test func theResolvedConfigGivesTheSameRun() throws {
        let workspace = try finishedRun()
        let result = try workspace.run(
            .pretrain, ["--config", "run/config.yaml", "--output", "again", "--threads", "1"])
        expectSuccess(result)
        #expect(try workspace.model("again") == workspace.model("run"))
        #expect(try workspace.read("again/config.yaml") == workspace.read("run/config.yaml"))
        #expect(try workspace.lines("run/config.yaml").contains("  mlpWidth: 64"))
    }

    @Test func overridesAreInTheResolvedConfig() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        expectSuccess(
            try workspace.train("run", set: ["run.steps=3", "run.steps=2", "run.seed=9"]))
        let lines = try workspace.lines("run/config.yaml")
        #expect(lines.contains("  steps: 2") && lines.contains("  seed: 9"))
        #expect(try workspace.loggedSteps("run") == [1, 2])
    }

    @Test func theDefaultOutputIsNamedAfterTheConfig() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let result = try workspace.run(.pretrain, ["--config", "run.yaml", "--set", "run.steps=1"])
        expectSuccess(result)
        #expect(result.text.hasPrefix("runs/run: 1 of 1 step done\n"))
        #expect(try workspace.checkpoints("runs/run") == ["step-00000001"])
    }

    @Test func theSummaryNamesTheWeights() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let texts = try ["a", "b"].map { try workspace.train($0, set: ["run.steps=2"]).text }
        let hashes = try texts.map { text in
            try #require(text.firstMatch(of: /\nweights ([0-9a-f]{16})\n/)).1
        }
        #expect(hashes[0] == hashes[1])
        #expect(texts[0].contains(/\nvalidation \d\.\d{4} bits\/byte \(integer tables \d/))
    }

    @Test func runsWithoutAValidationSplit() throws {
        let workspace = try Workspace()
        try workspace.write("run.yaml", tinyConfig)
        try workspace.write("text.txt", sampleText(bytes: 5000))
        expectSuccess(try workspace.run(.tokenize, ["text.txt", "--output", "shards"]))
        expectSuccess(try workspace.train("run"))
        #expect(try workspace.lines("run/metrics.jsonl").allSatisfy { !$0.contains("validation") })
        #expect(try Files.linkTarget(workspace["run/best"]) == nil)
    }
}
