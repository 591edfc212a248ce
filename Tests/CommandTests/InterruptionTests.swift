import CLibrary
import Storage
import Testing

/// Signals in the middle of the work.
@Suite struct InterruptionTests {
    /// Steps of some milliseconds.
    private static let slower = ["population.size=512", "population.segmentTokens=64"]

    /// Starts a run without end, sends it a signal once it has logged a few steps, and waits.
    private func interrupt(_ workspace: Workspace, _ signal: Int32) throws -> CommandResult {
        let overrides = Self.slower + ["run.steps=1000000", "checkpoints.every=2"]
        let run = try workspace.start(
            .pretrain, workspace.trainingArguments("run", set: overrides))
        try waitUntil { (try? workspace.loggedSteps("run").count >= 5) ?? false }
        run.send(signal)
        return try run.wait()
    }

    private func waitUntil(_ condition: () throws -> Bool) throws {
        for _ in 0..<10_000 {
            if try condition() { return }
            usleep(2000)
        }
        throw NeverHappened()
    }

    private struct NeverHappened: Error {}

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGXCPU])
    func aSignalSavesTheStepAndStops(_ signal: Int32) throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let result = try interrupt(workspace, signal)
        #expect(result.code == 128 + signal && !result.wasKilled && result.errors.isEmpty)
        let step = try #require(try workspace.loggedSteps("run").last)
        #expect(result.text.contains("\(step) of 1000000 steps done"))
        #expect(result.text.contains("stopped by a signal; continue: "))
        #expect(result.text.hasSuffix("/pretrain --resume run\n"))
        #expect(try #require(try workspace.checkpoints("run").last).hasSuffix("\(step)"))
        try expectExactContinuation(workspace, after: step)
    }

    /// As `nohup` starts it.
    @Test func anIgnoredHangupStaysIgnored() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let words =
            [try BuiltCommand.pretrain.path]
            + workspace.trainingArguments("run", set: Self.slower + ["run.steps=1000000"])
        let run = try CommandRun(words.map { Array($0.utf8) }, in: workspace, shell: "trap '' HUP")
        defer { run.send(SIGKILL) }
        try waitUntil { (try? workspace.loggedSteps("run").count >= 2) ?? false }
        run.send(SIGHUP)
        let steps = try workspace.loggedSteps("run").count
        try waitUntil { (try? workspace.loggedSteps("run").count >= steps + 5) ?? false }
        run.send(SIGTERM)
        #expect(try run.wait().code == 143)
    }

    /// A limit of processor time warns every second until it kills: the checkpoint is written meanwhile.
    @Test func aLimitOfProcessorTimeStopsARun() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let result = try workspace.run(
            .pretrain,
            workspace.trainingArguments("run", set: Self.slower + ["run.steps=1000000"]),
            after: "ulimit -S -t 1")
        #expect(result.code == 128 + SIGXCPU && !result.wasKilled && result.errors.isEmpty)
        let step = try #require(try workspace.loggedSteps("run").last)
        #expect(try #require(try workspace.checkpoints("run").last).hasSuffix("\(step)"))
    }

    @Test func aRunningRunIsNotContinuedByAnother() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let overrides = Self.slower + ["run.steps=1000000", "checkpoints.every=2"]
        let run = try workspace.start(
            .pretrain, workspace.trainingArguments("run", set: overrides))
        defer { run.send(SIGKILL) }
        try waitUntil { (try? workspace.loggedSteps("run").count >= 5) ?? false }
        expectError(
            try workspace.train("run", set: overrides, flags: ["--resume"]), code: 1,
            ["run: is in use by another pretrain", "wait until that one ends"])
        run.send(SIGINT)
        #expect(try run.wait().code == 130)
    }

    /// As after a power cut: nothing is finished, and the steps since the last checkpoint are redone.
    @Test func aKilledRunContinues() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        #expect(try interrupt(workspace, SIGKILL).wasKilled)
        let name = try #require(
            try workspace.checkpoints("run").last { !$0.hasSuffix(AtomicFile.suffix) })
        try expectExactContinuation(workspace, after: try #require(Int(name.suffix(8))))
    }

    private func expectExactContinuation(_ workspace: Workspace, after step: Int) throws {
        let overrides = Self.slower + ["run.steps=\(step + 3)"]
        expectSuccess(try workspace.train("run", set: overrides, flags: ["--resume"]))
        expectSuccess(try workspace.train("straight", set: overrides))
        #expect(try workspace.model("run") == workspace.model("straight"))
        #expect(try workspace.loggedSteps("run") == Array(1...step + 3))
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGXCPU])
    func aSignalLeavesNothingOfTokenize(_ signal: Int32) throws {
        let workspace = try Workspace()
        let pipe = workspace["pipe"]
        try #require(mkfifo(pipe, 0o600) == 0)
        let writer = open(pipe, O_RDWR)  // so that the command waits for more
        defer { close(writer) }
        let run = try workspace.start(.tokenize, ["-", "--output", "out"], input: pipe)
        try waitUntil { try Files.kind(workspace["out"]) != nil }
        run.send(signal)
        let result = try run.wait()
        #expect(result.code == 128 + signal && !result.wasKilled && result.output.isEmpty)
        #expect(result.errors == "interrupted: nothing was written\n")
        #expect(try workspace.list(".") == ["pipe"])
    }

    /// As `nohup` starts it.
    @Test func anIgnoredHangupEndsNoTokenize() throws {
        let workspace = try Workspace()
        let pipe = workspace["pipe"]
        try #require(mkfifo(pipe, 0o600) == 0)
        let writer = open(pipe, O_RDWR | O_CLOEXEC)
        let words = [try BuiltCommand.tokenize.path, "-", "--output", "out"]
        let run = try CommandRun(
            words.map { Array($0.utf8) }, in: workspace, input: pipe, shell: "trap '' HUP")
        try waitUntil { try Files.kind(workspace["out"]) != nil }
        run.send(SIGHUP)
        usleep(100_000)
        _ = write(writer, "a text", 6)
        close(writer)
        #expect(try run.wait().code == 0)
    }
}
