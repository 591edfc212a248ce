import Storage
import Testing

/// What fails while the commands work: full disks, and data that goes bad.
@Suite struct FailureTests {
    private static let shard = "shards/train-00000.tokens.zst"

    /// The first frame of a shard decodes only to the wrong checksum.
    private func flipByte(_ workspace: Workspace) throws {
        try workspace.edit(Self.shard) { $0[500] ^= 0x10 }
    }

    @Test func aDamagedFrameIsNamedBeforeTheRunBegins() throws {
        let workspace = try Workspace()
        try workspace.prepareRunWithOwnShards()
        try flipByte(workspace)
        let before = try workspace.snapshot()
        let result = try workspace.train("run")
        expectError(result, code: 1, [Self.shard, ": frame 0: ", "again with tokenize"])
        #expect(try workspace.snapshot() == before)
    }

    /// The identity of the data comes from the seek tables: a run must not begin with a wrong one.
    @Test func aDamagedSeekTableLeavesNothing() throws {
        let workspace = try Workspace()
        try workspace.prepareRunWithOwnShards()
        let good = try workspace.read(Self.shard)
        // The checksum of the last frame, before a footer of 9 bytes.
        try workspace.edit(Self.shard) { $0[$0.count - 10] ^= 1 }
        let before = try workspace.snapshot()
        expectError(try workspace.train("run"), code: 1, [Self.shard, "again with tokenize"])
        #expect(try workspace.snapshot() == before)
        try workspace.write(Self.shard, good)
        expectSuccess(try workspace.train("run"))
    }

    /// The checkpoint and the log stay good, and the run goes on once the shard is restored.
    @Test func aRunSurvivesDamagedData() throws {
        let workspace = try Workspace()
        try workspace.prepareRunWithOwnShards()
        expectSuccess(try workspace.train("run", set: ["run.steps=5"]))
        let good = try workspace.read(Self.shard)
        let model = try workspace.model("run")
        try flipByte(workspace)
        expectError(
            try workspace.train("run", flags: ["--resume"]), code: 1, [Self.shard, ": frame 0: "])
        #expect(try workspace.model("run") == model)
        #expect(try workspace.loggedSteps("run") == Array(1...5))
        try workspace.write(Self.shard, good)
        expectSuccess(try workspace.train("run", flags: ["--resume"]))
        let expected = try Files.read(
            Paths.join(try Fixtures.shared.run, "latest/model.safetensors"), atMost: 1 << 20)
        #expect(try workspace.model("run") == expected)
    }

    /// Damage of the validation split is found when it is measured.
    @Test func damagedValidationDataIsNamed() throws {
        let workspace = try Workspace()
        try workspace.prepareRunWithOwnShards()
        let shard = "shards/validation-00000.tokens.zst"
        try workspace.edit(shard) { $0[200] ^= 0x10 }
        expectError(try workspace.train("run"), code: 1, [shard, ": frame 0: ", "again"])
    }

    @Test func aFullDiskLeavesNoHalfCheckpoint() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        let expected = try workspace.model("run")
        let arguments = workspace.trainingArguments("other") + ["--threads", "2"]
        // 6 KB are enough for the config and the log but not for the model.
        let result = try workspace.run(.pretrain, arguments, blocksOfFiles: 12)
        expectError(
            result, code: 1,
            ["other/checkpoints/step-00000005", "model.safetensors", "cannot write"])
        #expect(try workspace.checkpoints("other").isEmpty)
        #expect(try workspace.loggedSteps("other") == Array(1...5))
        expectSuccess(try workspace.train("other", flags: ["--resume"]))
        #expect(try workspace.model("other") == expected)
        #expect(try workspace.loggedSteps("other") == Array(1...12))
    }

    @Test func aFullDiskInTheLogKeepsTheCheckpoints() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        let steps = 1000
        // The log passes 64 KB long after the checkpoints have their 16 KB.
        let arguments = workspace.trainingArguments(
            "other", set: ["run.steps=\(steps)", "checkpoints.every=1", "validation.every=0"])
        let result = try workspace.run(.pretrain, arguments, blocksOfFiles: 128)
        expectError(result, code: 1, ["other/metrics.jsonl", "cannot write"])
        let last = try #require(try workspace.checkpoints("other").last)
        let step = try #require(Int(last.suffix(8)))
        #expect(step > 100 && step < steps)
        expectSuccess(
            try workspace.train("other", set: ["run.steps=\(step + 1)"], flags: ["--resume"]))
        #expect(try workspace.loggedSteps("other") == Array(1...step + 1))
    }

    @Test func aFullDiskLeavesNothingOfTokenize() throws {
        let workspace = try Workspace()
        let arguments = [try Fixtures.shared.text, "--output", "new/out"]
        let result = try workspace.run(.tokenize, arguments, blocksOfFiles: 4)
        expectError(result, code: 1, ["new/out/train-00000.tokens.zst", "cannot write"])
        #expect(try workspace.list(".").isEmpty)
    }

    /// The summary that nobody can read is an error too.
    @Test(arguments: [BuiltCommand.tokenize, .pretrain])
    func aFullStandardOutputIsReported(_ command: BuiltCommand) throws {
        guard try Files.kind("/dev/full") != nil else { return }
        let workspace = try Workspace()
        try workspace.prepareRun()
        let arguments =
            command == .tokenize
            ? [try Fixtures.shared.text, "--output", "out"]
            : workspace.trainingArguments("out", set: ["run.steps=1"])
        let result = try workspace.run(command, arguments, output: "/dev/full")
        expectError(result, code: 1, ["standard output: cannot write", "check where it goes"])
    }
}
