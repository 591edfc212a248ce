import Storage
import Testing

/// The weights of any step from config and journal alone.
@Suite struct ReplayTests {
    /// Every checkpoint of a run comes out byte for byte, without its data and without its checkpoints.
    @Test(arguments: ["threshold", "residual", "magnitude8", "reuse", "rank"])
    func rebuildsEveryCheckpoint(_ kind: String) throws {
        let workspace = try Workspace()
        let rule = kind == "threshold" || kind == "reuse" ? "threshold" : "residual"
        try workspace.prepareRun(
            config: tinyConfig.replacing("rule: threshold", with: "rule: \(rule)"))
        let more = [
            "magnitude8": ["population.fitness=magnitude8"],
            "rank": ["population.rank=4"],
            "reuse": ["population.noiseReuse=0", "population.sequencesPerMember=3"],
        ]
        let overrides = ["checkpoints.every=3", "checkpoints.keep=9"] + (more[kind] ?? [])
        expectSuccess(try workspace.train("run", set: overrides))
        try Files.createDirectory(workspace["alone"])
        for name in ["config.yaml", "journal.egg"] {
            try workspace.write("alone/\(name)", try workspace.read("run/\(name)"))
        }
        try Files.remove(workspace["shards"])
        for step in [3, 6, 9, 12] {
            let result = try workspace.run(
                .replay, ["--run", "alone", "--to-step", "\(step)", "--output", "model"])
            expectSuccess(result)
            #expect(result.text.hasPrefix("alone: \(step) steps replayed in "))
            let name = "step-000000" + (step < 10 ? "0\(step)" : "\(step)")
            #expect(
                try workspace.read("model")
                    == workspace.read("run/checkpoints/\(name)/model.safetensors"))
        }
    }

    private static let contexts = ["model.contexts=[2, word]", "model.contextRows=512"]

    /// The rows of contexts follow from fitness, seed and text, in a run that was continued too.
    @Test(arguments: [
        [], ["population.groupSize=8", "population.sequencesPerMember=2"],
        ["population.sampling=one-sided", "population.fitness=magnitude4"],
    ])
    func rebuildsTheRowsOfContexts(_ more: [String]) throws {
        let workspace = try Workspace()
        try workspace.prepareRun(
            config: tinyConfig.replacing("rule: threshold", with: "rule: residual"))
        let overrides = Self.contexts + more + ["checkpoints.every=3", "checkpoints.keep=9"]
        expectSuccess(try workspace.train("run", set: overrides + ["run.steps=7"]))
        let flags = ["--threads", "2", "--resume"]
        #expect(try workspace.train("run", set: overrides, flags: flags).code == 0)
        for (step, threads) in [(3, 1), (7, 3), (12, 2)] {
            let result = try workspace.run(
                .replay,
                ["--run", "run", "--to-step", "\(step)", "--output", "model"]
                    + ["--threads", "\(threads)", "--kernel", step == 7 ? "portable" : "auto"])
            expectSuccess(result)
            let name = "step-000000" + (step < 10 ? "0\(step)" : "\(step)")
            #expect(
                try workspace.read("model")
                    == workspace.read("run/checkpoints/\(name)/model.safetensors"))
        }
        let result = try workspace.run(.replay, ["--run", "run", "--verify"])
        expectSuccess(result)
        #expect(result.text.contains(" checkpoints agree\n"))
    }

    /// The text chooses the rows: another one, or none, cannot give the weights again.
    @Test func rowsOfContextsNeedTheTextOfTheRun() throws {
        let workspace = try Workspace()
        try workspace.prepareRunWithOwnShards()
        expectSuccess(try workspace.train("run", set: Self.contexts))
        try Files.removeTree(workspace["shards"])
        let missing = try workspace.run(.replay, Self.verify)
        expectError(missing, code: 1, ["shards"])
        try workspace.write("text.txt", sampleText(bytes: 40_000))
        expectSuccess(
            try workspace.run(
                .tokenize, ["text.txt", "--output", "shards", "--validation-fraction", "0.05"]))
        expectError(
            try workspace.run(.replay, Self.verify), code: 1,
            [
                "shards: are other training shards than those that the run has read",
                "restore them", "contexts",
            ])
    }

    /// What moves direct connections, or a head that learns from its own error, is no fitness, and a journal does not
    /// have it.
    @Test(arguments: [contexts + ["model.direct=true"], ["population.head=delta"]])
    func whatLearnsFromErrorsCannotBeReplayed(_ settings: [String]) throws {
        let workspace = try Workspace()
        try workspace.prepareRun(
            config: tinyConfig.replacing("rule: threshold", with: "rule: residual"))
        let more = ["population.sampling=one-sided"]
        expectSuccess(try workspace.train("run", set: settings + more))
        expectError(
            try workspace.run(.replay, Self.verify), code: 1,
            [
                "run/journal.egg: holds digests of votes and no fitness",
                "can only be had from the data again",
                "use its checkpoints",
            ])
    }

    @Test func doesNotDependOnThreadsOrKernel() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        for flags in [["--threads", "1"], ["--threads", "3", "--kernel", "portable"]] {
            expectSuccess(
                try workspace.run(.replay, ["--run", "run", "--output", "model"] + flags))
            #expect(try workspace.read("model") == workspace.model("run"))
        }
    }

    @Test func standardOutputIsNamedByADash() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        let result = try workspace.run(.replay, ["--run", "run", "--output", "-"])
        #expect(result.code == 0)
        #expect(try result.output == workspace.model("run"))
        #expect(result.errors.hasPrefix("run: 12 steps replayed in "))
        #expect(try !workspace.list(".").contains("-"))
        let first = try workspace.run(.replay, ["--run", "run", "--to-step", "1", "--output", "m"])
        #expect(first.text.hasPrefix("run: 1 step replayed in "))
    }

    @Test func verifiesARun() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        let result = try workspace.run(.replay, ["--run", "run", "--verify"])
        expectSuccess(result)
        #expect(result.text.contains("verified: 3 digests and 2 checkpoints agree\n"))
        #expect(result.text.contains("journal 424 bytes and config "))
    }

    @Test(arguments: inputs) func isRefused(_ input: BadInput) throws { try input.check() }

    private static func refused(
        _ name: String, _ arguments: [String], code: Int32 = 1, _ fragments: String...,
        change: @escaping @Sendable (Workspace) throws -> Void = { _ in }
    ) -> BadInput {
        BadInput(name: name, command: .replay, code: code, fragments: fragments) { workspace in
            try workspace.prepareFinishedRun()
            try change(workspace)
            return arguments
        }
    }

    private static let verify = ["--run", "run", "--verify"]

    static let inputs: [BadInput] = [
        refused(
            "nothing to do", ["--run", "run"], code: 64, "--output: there is nothing to do",
            "--verify"),
        refused(
            "a negative step", ["--run", "run", "--to-step=-1", "--verify"], code: 64, "--to-step",
            "negative", "from 0"),
        refused("no run", ["--run", "none", "--verify"], "none: holds no run", "run directory"),
        refused(
            "a step beyond the end", ["--run", "run", "--to-step", "13", "--output", "model"],
            "run: its journal ends after step 12, before 13", "earlier"),
        refused("an unknown kernel", verify + ["--kernel", "abacus"], code: 64, "--kernel: "),
        refused("another config", verify, "run/journal.egg: was made with other settings") {
            try $0.replace("run/config.yaml", "sigmaShift: 4", with: "sigmaShift: 5")
        },
        refused("another seed", verify, "run/journal.egg: was made with other settings") {
            try $0.replace("run/config.yaml", "seed: 7", with: "seed: 8")
        },
        refused("a flipped bit", verify, "run/journal.egg: byte 100: ", "checksum", "copy") {
            try $0.edit("run/journal.egg") { $0[120] ^= 1 }
        },
        refused("a torn end", verify, "run/journal.egg: byte 388: ", "cut off", "copy") {
            try $0.edit("run/journal.egg") { $0.removeLast() }
        },
        refused("a lost end", verify, "run: its journal ends after step 11", "checkpoint has 12") {
            try $0.edit("run/journal.egg") { $0.removeLast(36) }
        },
        refused(
            "a changed checkpoint", verify, "step-00000012/model.safetensors: step 12: ",
            "agreed last after step 12"
        ) {
            let overrides = ["population.sigmaShift=5"]
            expectSuccess(try $0.train("other", set: overrides))
            try $0.write(
                "run/checkpoints/step-00000012/model.safetensors", try $0.model("other"))
        },
        refused(
            "an output below a file", ["--run", "run", "--output", "run.yaml/x"], "run.yaml/x"),
    ]
}
