import CLibrary
import Storage
import TestSupport
import Testing

/// A run directory and the user's own files, other processes, and the system around it.
@Suite struct RunPlaceTests {
    /// Without descriptor 1 or 2, the next files opened would get its number, and messages would go into them.
    @Test(arguments: ["exec 0<&-", "exec 1>&-", "exec 2>&-", "exec 0<&- 1>&- 2>&-"])
    func missingDescriptorsDoNoHarm(_ closing: String) throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        // The newest checkpoint is damaged, so that there is a warning to write.
        try workspace.edit("run/checkpoints/step-00000012/model.safetensors") { $0[900] ^= 1 }
        let arguments = workspace.trainingArguments("run") + ["--resume"]
        #expect(try workspace.run(.pretrain, arguments, after: closing).code == 0)
        #expect(try workspace.model("run") == Workspace.modelOfFixtures())
        #expect(try workspace.loggedSteps("run") == Array(1...12))
        #expect(try workspace.lines("run/config.yaml").first?.hasPrefix("# The config") == true)
        expectSuccess(try workspace.run(.replay, ["--run", "run", "--verify"]))
    }

    @Test(arguments: [
        ("config.yaml", "# mine\n" + tinyConfig), ("metrics.jsonl", "{}"), ("journal.egg", "notes"),
        ("events.out.tfevents", "x"), ("machines.jsonl", "{}"),
        ("checkpoints/mine", "x"), ("checkpoints", "x"), ("latest", "x"), ("best", "x\n"),
    ])
    func filesOfTheUserAreNoRunAndStay(_ name: String, _ content: String) throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        try workspace.write("run/\(name)", content)
        let before = try workspace.snapshot()
        let place = "run/" + (name.split(separator: "/").first ?? "")
        expectError(try workspace.train("run"), code: 1, [place, "is there", "move it away"])
        expectError(
            try workspace.train("run", flags: ["--resume"]), code: 1, ["nothing to continue"])
        #expect(try workspace.snapshot() == before)
    }

    /// A config of the user's in the place of the run's is not replaced.
    @Test func aConfigThatTookThePlaceOfTheRunsStays() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        try workspace.write("run/config.yaml", "# mine\n" + tinyConfig)
        let before = try workspace.snapshot()
        expectError(
            try workspace.train("run", flags: ["--resume"]), code: 1,
            ["run/config.yaml: ", "pretrain did not write it"])
        #expect(try workspace.snapshot() == before)
    }

    /// A file system without symbolic links: text files stand for them.
    @Test func textStandsForLinks() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        for name in ["latest", "best"] {
            try Files.remove(workspace["run/\(name)"])
            try workspace.write("run/\(name)", "checkpoints/step-00000012\n")
        }
        let sample = ["--checkpoint", "run", "--tokens", "20"]
        expectSuccess(try workspace.run(.sample, sample))
        expectSuccess(try workspace.train("run", set: ["run.steps=15"], flags: ["--resume"]))
        #expect(try Files.linkTarget(workspace["run/latest"]) == "checkpoints/step-00000015")
        for text in [
            "../elsewhere/step\n", "checkpoints/../../x\n", "checkpoints/\n", "checkpoints/a",
        ] {
            try Files.remove(workspace["run/latest"])
            try workspace.write("run/latest", text)
            expectError(
                try workspace.run(.sample, sample), code: 1,
                ["run/latest: ", "leads to no checkpoint"])
        }
    }

    /// A long run whose directory another process takes away in the middle.
    private func whileItRuns(_ change: (Workspace) throws -> Void) throws -> (
        Workspace, CommandResult
    ) {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let overrides = ["run.steps=1000000", "checkpoints.every=2", "population.size=512"]
        let run = try workspace.start(.pretrain, workspace.trainingArguments("run", set: overrides))
        defer { run.send(SIGKILL) }
        while (try? workspace.loggedSteps("run").count) ?? 0 < 5 { usleep(2000) }
        try change(workspace)
        return (workspace, try run.wait())
    }

    @Test(.timeLimit(.minutes(2))) func aMovedRunStopsAndLeavesTheNewOneAlone() throws {
        var model: [UInt8] = []
        let (workspace, result) = try whileItRuns { workspace in
            try Files.rename(workspace["run"], to: workspace["moved"])
            expectSuccess(try workspace.train("run", set: ["run.seed=2"]))
            model = try workspace.model("run")
        }
        // Where the move came between two writes of a checkpoint, the second one tells it.
        #expect(result.code == 1 && result.errors.hasPrefix("error: run"), "\(result.errors)")
        #expect(try workspace.model("run") == model)
        let step = try #require(try workspace.loggedSteps("moved").last)
        let overrides = ["run.steps=\(step + 2)", "population.size=512"]
        expectSuccess(try workspace.train("moved", set: overrides, flags: ["--resume"]))
        expectSuccess(try workspace.train("straight", set: overrides))
        #expect(try workspace.model("moved") == workspace.model("straight"))
    }

    @Test(.timeLimit(.minutes(2))) func aDeletedRunStops() throws {
        let (workspace, result) = try whileItRuns { workspace in
            // It may be adding files just now.
            while (try? Files.removeTree(workspace["run"])) == nil {}
        }
        #expect(result.code == 1 && result.errors.hasPrefix("error: "), "\(result.errors)")
        #expect(try Files.kind(workspace["run"]) == nil)
    }

    @Test func aCheckpointThatIsALinkIsRefused() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        let name = "checkpoints/step-00000012"
        try Files.rename(workspace["run/\(name)"], to: workspace["elsewhere"])
        try workspace.link("run/\(name)", to: workspace["elsewhere"])
        expectError(
            try workspace.train("run", flags: ["--resume"]), code: 1,
            ["step-00000012: is a symbolic link", "in its place"])
    }
}

extension Workspace {
    static func modelOfFixtures() throws -> [UInt8] {
        try Files.read(
            Paths.join(try Fixtures.shared.run, "latest/model.safetensors"), atMost: 1 << 26)
    }
}
