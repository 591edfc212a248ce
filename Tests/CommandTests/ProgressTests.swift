import CLibrary
import Storage
import Testing

/// What `pretrain` tells of a run, on a terminal and elsewhere.
@Suite struct ProgressTests {
    /// Runs a training without end on a terminal, does something when enough is to be seen, and ends it a little later as
    /// Ctrl-C does.
    private func interruptedRun(
        _ terminal: TestTerminal, set: [String] = ["validation.every=0"],
        environment: [String: String] = [:],
        until isEnough: (TestTerminal) -> Bool = { $0.bytes.count > 500 },
        meanwhile: () -> Void = {}
    ) throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let run = try workspace.start(
            .pretrain, workspace.trainingArguments("run", set: set + ["run.steps=10000000"]),
            environment: environment, output: terminal.path, errors: terminal.path)
        wait(for: terminal, until: isEnough)
        meanwhile()
        let before = terminal.bytes.count
        wait(for: terminal) { $0.bytes.count > before + 200 }
        terminal.typeInterrupt()
        run.send(SIGINT)
        #expect(try run.wait().code == 130)
    }

    /// Waits 350 ms at least, and 30 seconds at most: others may have the processors.
    private func wait(for terminal: TestTerminal, until isEnough: (TestTerminal) -> Bool) {
        for turn in 0..<3000 where turn < 35 || !isEnough(terminal) {
            usleep(10_000)
            terminal.take()
        }
    }

    /// The texts that the live line had.
    private func liveLines(_ terminal: TestTerminal) -> [Substring] {
        terminal.text.split(separator: "\u{1B}[K").compactMap { piece in
            let text = piece.split(separator: "\r").last ?? ""
            return text.contains(" train ") && !text.contains("\n") ? text : nil
        }
    }

    @Test(arguments: [40, 80, 120])
    func theLiveLineFitsAndLeavesNothing(_ columns: Int) throws {
        let terminal = try TestTerminal(columns: columns)
        try interruptedRun(terminal)
        let lines = liveLines(terminal)
        #expect(lines.count >= 2 && lines.allSatisfy { $0.count <= columns - 3 })
        let rows = terminal.rows(columns: columns)
        #expect(!rows.contains { $0.contains(" train ") || $0.contains("^C") }, "\(rows)")
        let end = try #require(
            rows.firstIndex { $0.hasPrefix("run: ") && $0.contains(" of 10000000 steps done") },
            "\(rows)")
        #expect(rows[..<end].joined().hasPrefix("run: config run.yaml; model 1 x 16"))
    }

    private static let blocks: Set<Character> = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// Locales by their variables, and whether they have the blocks of a curve.
    private static let locales: [([String: String], Bool)] = [
        (["LANG": "en_US.UTF-8"], true), (["LC_ALL": "C.utf8", "LANG": "C"], true),
        (["LC_CTYPE": "de_DE.UTF-8@euro"], true), (["LANG": "C"], false),
        (["LC_ALL": "C", "LANG": "C.UTF-8"], false), ([:], false),
    ]

    @Test(arguments: locales)
    func theCurveIsThereWhereItCanBeRead(
        _ environment: [String: String], _ isReadable: Bool
    ) throws {
        let terminal = try TestTerminal(columns: 120)
        try interruptedRun(terminal, environment: environment)
        let lines = liveLines(terminal)
        #expect(lines.allSatisfy { $0.count <= 117 })
        #expect(lines.contains { $0.contains(where: Self.blocks.contains) } == isReadable)
        let end = terminal.rows(columns: 120).filter { $0.hasPrefix("train ") }
        #expect(end.count == (isReadable ? 1 : 0))
        #expect(
            end.allSatisfy { $0.count > 12 && $0.dropFirst(6).allSatisfy(Self.blocks.contains) })
    }

    @Test(arguments: [40, 80]) func theCurveFits(_ columns: Int) throws {
        let terminal = try TestTerminal(columns: columns)
        try interruptedRun(terminal, environment: ["LANG": "C.UTF-8"])
        let lines = liveLines(terminal)
        #expect(lines.count >= 2 && lines.allSatisfy { $0.count <= columns - 3 })
        #expect(terminal.rows(columns: columns).contains { $0.hasPrefix("train ") })
    }

    @Test func theLiveLineFollowsTheWidth() throws {
        let terminal = try TestTerminal(columns: 120)
        var before = 0
        try interruptedRun(
            terminal, until: { terminal in liveLines(terminal).contains { $0.count > 40 } },
            meanwhile: {
                before = liveLines(terminal).count
                terminal.resize(columns: 40)
            })
        let lines = liveLines(terminal)
        #expect(lines[..<before].contains { $0.count > 40 })
        // One more may have been on its way.
        #expect(lines.count > before + 1 && lines[(before + 1)...].allSatisfy { $0.count <= 37 })
    }

    @Test func validationsStayOnTheTerminal() throws {
        let terminal = try TestTerminal(columns: 80)
        let workspace = try Workspace()
        try workspace.prepareRun()
        let run = try workspace.start(
            .pretrain, workspace.trainingArguments("run"), errors: terminal.path)
        #expect(try run.wait().code == 0)
        let rows = terminal.rows(columns: 80).filter { $0.contains("val") && $0.contains("train") }
        #expect(
            rows.map { $0.prefix { $0 != " " } } == ["step", "step", "step"] || rows.count == 3)
    }

    @Test func aDumbTerminalGetsPlainLines() throws {
        let terminal = try TestTerminal(columns: 80)
        try interruptedRun(
            terminal, set: ["validation.every=1"], environment: ["TERM": "dumb"])
        #expect(!terminal.text.contains("\u{1B}"))
        #expect(terminal.text.contains("\nstep 2/10000000  train "))
    }

    /// An error comes on a line of its own.
    @Test func anErrorIsNotWrittenBehindTheLiveLine() throws {
        let terminal = try TestTerminal(columns: 120)
        let workspace = try Workspace()
        try workspace.prepareRun()
        let words =
            [try BuiltCommand.pretrain.path]
            + workspace.trainingArguments(
                "run", set: ["run.steps=10000000", "validation.every=0", "checkpoints.every=0"])
        // The log passes the limit after some hundred steps.
        let run = try CommandRun(
            words.map { Array($0.utf8) }, in: workspace, errors: terminal.path,
            shell: "ulimit -f 1024")
        #expect(try run.wait().code == 1)
        #expect(terminal.rows(columns: 1000).contains { $0.hasPrefix("error: run/") })
    }

    // MARK: Without a terminal

    @Test func aLogHasAStartValidationsAndASummary() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let result = try workspace.train("run", set: ["validation.every=1"])
        expectSuccess(result)
        let lines = result.progress.split(separator: "\n")
        #expect(lines.count == 13)
        let start = try #require(lines.first)
        for fact in [
            "run: config run.yaml;", "model 1 x 16, MLP 64, 11",
            " weights; text shards, 475",
            "kernel ", ", 2 threads, 1 process",
        ] {
            #expect(start.contains(fact), "\(start)")
        }
        for (index, line) in lines.dropFirst().enumerated() {
            #expect(line.hasPrefix("step \(index + 1)/12  train "))
            #expect(line.contains("  validation ") && line.contains(" tokens/s  "))
        }
        #expect(result.text.hasPrefix("run: 12 of 12 steps done\nvalidation "))
    }

    @Test func quietWritesNothing() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let result = try workspace.train("run", flags: ["--quiet", "--diagnostics", "5"])
        #expect(result.code == 0 && result.output.isEmpty && result.standardError.isEmpty)
        #expect(try workspace.loggedSteps("run") == Array(1...12))
        expectError(
            try workspace.train("run", flags: ["--quiet"]), code: 1, ["run: already holds a run"])
    }

    /// As when a pager or a log server that standard error goes to has ended.
    @Test func aClosedPipeForProgressEndsNoRun() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        try #require(mkfifo(workspace["pipe"], 0o600) == 0)
        let result = try workspace.run(
            .pretrain, workspace.trainingArguments("run", set: ["validation.every=1"]),
            after: ":; { exec 3<pipe; } & exec 2>pipe; wait")
        #expect(result.code == 0 && result.text.contains("12 of 12 steps done"))
        #expect(try workspace.loggedSteps("run") == Array(1...12))
    }
}
