import CLibrary
import Storage
import TestSupport
import Testing

/// The event file that `metrics.tensorboard` asks for.
@Suite struct EventFileTests {
    private static let asked = ["metrics.tensorboard=true"]

    /// The lines of the metrics without what depends on the time.
    private func figures(_ workspace: Workspace, _ run: String) throws -> [String] {
        try workspace.lines("\(run)/metrics.jsonl").map {
            $0.replacing(#/"(memberTokensPerSecond|wallSeconds)":[0-9.]+/#, with: "")
        }
    }

    @Test func nothingElseDependsOnIt() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        expectSuccess(try workspace.train("drawn", set: Self.asked))
        #expect(try workspace.model("drawn") == workspace.model("run"))
        #expect(try workspace.read("drawn/journal.egg") == workspace.read("run/journal.egg"))
        #expect(try figures(workspace, "drawn") == figures(workspace, "run"))
        #expect(
            try workspace.list("drawn")
                == (workspace.list("run") + ["events.out.tfevents"]).sorted())
    }

    /// A run may be continued with it or without it, and a file of somebody else is left alone.
    @Test func itMayBeAskedForLater() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        let more = ["run.steps=14"] + Self.asked
        try workspace.write("run/events.out.tfevents", "of another program")
        let before = try workspace.snapshot()
        expectError(
            try workspace.train("run", set: more, flags: ["--resume"]), code: 1,
            ["run/events.out.tfevents: is there, and pretrain did not write it", "move it away"])
        #expect(try workspace.snapshot() == before)
        try Files.remove(workspace["run/events.out.tfevents"])
        expectSuccess(try workspace.train("run", set: more, flags: ["--resume"]))
        #expect(try workspace.read("run/events.out.tfevents").count > 500)
        #expect(try workspace.loggedSteps("run") == Array(1...14))
    }

    /// Compares what TensorBoard reads in a run with its metrics.
    private static let comparison = PackageFiles.fixture("compare-events.py")

    @Test(.enabled(if: Python.has("tensorboard"), "PyPI's tensorboard is not installed"))
    func tensorBoardReadsARunThatWasKilled() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let settings =
            Self.asked + ["run.steps=10000000", "checkpoints.every=7", "validation.every=5"]
        let flags = ["--threads", "1", "--diagnostics", "50", "--quiet"]
        let run = try workspace.start(
            .pretrain, workspace.trainingArguments("run", set: settings) + flags)
        func logged() -> Int { (try? workspace.lines("run/metrics.jsonl").count) ?? 0 }
        var waits = 0
        while logged() < 20 && waits < 2000 {
            usleep(5000)
            waits += 1
        }
        run.send(SIGKILL)
        #expect(try run.wait().wasKilled)
        let steps = logged() + 40
        expectSuccess(
            try workspace.train(
                "run", set: settings + ["run.steps=\(steps)"], flags: flags + ["--resume"]))
        let result = try Python.run([Self.comparison, "run"], in: workspace)
        #expect(result.code == 0 && result.text == "\(steps)\n", "\(result.standardError)")
    }
}
