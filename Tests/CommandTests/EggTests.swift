import Storage
import Testing

@testable import Commands

/// `egg`, which must do what the programs of one command do.
@Suite struct EggTests {
    private func egg(_ arguments: [String], columns: Int = 80) throws -> CommandResult {
        try Workspace().run(.egg, arguments, environment: ["COLUMNS": "\(columns)"])
    }

    @Test func listsEveryCommandOnALineOfItsOwn() throws {
        let help = try egg(["--help"])
        expectSuccess(help)
        let lines = help.text.split(separator: "\n", omittingEmptySubsequences: false)
        let commands = lines.drop { $0 != "SUBCOMMANDS:" }.dropFirst().prefix { !$0.isEmpty }
        #expect(
            commands.compactMap { $0.split(separator: " ").first.map(String.init) }
                == ToolkitCommand.allCases.map(\.rawValue))
        #expect(lines.allSatisfy { $0.count <= 80 })
        #expect(help.text.contains("\n  egg pretrain --config "))
    }

    @Test func eachExecutableHasItsCommand() {
        #expect(
            Set(BuiltCommand.single.map(\.rawValue)) == Set(ToolkitCommand.allCases.map(\.rawValue))
        )
        for command in ToolkitCommand.allCases {
            #expect(command.type.configuration.commandName == command.rawValue)
        }
    }

    @Test(arguments: BuiltCommand.single)
    func helpsWithEachCommand(_ command: BuiltCommand) throws {
        let help = try egg([command.rawValue, "--help"])
        expectSuccess(help)
        #expect(help.text.contains("USAGE: egg \(command.rawValue)"))
        let lines = help.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.count <= 80 }, "\(help.text)")
        let examples = lines.drop { $0 != "EXAMPLES" }.dropFirst().prefix { !$0.isEmpty }
        #expect(examples.count >= 2)
        for line in examples where !line.hasPrefix("    ") {
            #expect(line.hasPrefix("  egg ") || line.contains(" | egg "), "\(line)")
        }
        #expect(try egg(["help", command.rawValue]).text == help.text)
        #expect(try egg([command.rawValue, "--version"]).text == egg(["--version"]).text)
    }

    @Test(arguments: BuiltCommand.single)
    func refusesAnUnknownFlag(_ command: BuiltCommand) throws {
        let name = "egg \(command.rawValue)"
        expectError(
            try egg([command.rawValue] + command.neededFlags + ["--no-such-flag"]), code: 64,
            ["\(name): ", "--no-such-flag", "see '\(name) --help'"])
    }

    /// Nothing that the flags name is there; `kernel-bench` reads no file, but its kernel may be missing.
    @Test(arguments: BuiltCommand.single)
    func failsAsTheProgramOfOneCommand(_ command: BuiltCommand) throws {
        let flags = command == .kernelBench ? ["--kernel", "abacus"] : command.neededFlags
        let workspace = try Workspace()
        let alone = try workspace.run(command, flags)
        let result = try workspace.run(.egg, [command.rawValue] + flags)
        expectError(result, code: command == .kernelBench ? 64 : 1, [])
        #expect(result.code == alone.code && result.errors == alone.errors)
        #expect(try workspace.snapshot().isEmpty)
    }

    @Test func needsACommand() throws {
        expectError(try egg([]), code: 64, ["egg: no command is given", "tokenize, pretrain, "])
        expectError(
            try egg(["scramble", "--config", "a"]), code: 64,
            ["egg: 'scramble' is not a command", "use one of tokenize, "])
        expectError(try egg(["--config", "a"]), code: 64, ["egg: ", "--config", "'egg --help'"])
    }

    @Test func trainsAndSamplesAsTheProgramsOfOneCommand() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        expectSuccess(try workspace.train("alone"))
        let trained = try workspace.run(.egg, ["pretrain"] + workspace.trainingArguments("run"))
        expectSuccess(trained)
        #expect(try workspace.model("run") == workspace.model("alone"))
        let egg = try BuiltCommand.egg.path
        #expect(trained.text.contains("\nsample: \(egg) sample --checkpoint run\n"))
        let evaluation = ["evaluate", "--checkpoint", "run", "--data", "shards"]
        #expect(trained.text.contains("\nevaluate: \(egg) \(evaluation.joined(separator: " "))\n"))
        expectSuccess(try workspace.run(.egg, evaluation))
        #expect(
            trained.text.contains("\ntrain on: \(egg) pretrain --resume run --set run.steps=24\n"))
        let flags = ["--checkpoint", "run", "--tokens", "40", "--raw"]
        let sampled = try workspace.run(.egg, ["sample"] + flags)
        expectSuccess(sampled)
        #expect(sampled.output.count == 40)
        #expect(try workspace.run(.sample, flags).output == sampled.output)
    }

    // MARK: The next command

    @Test(arguments: [
        ("egg", "egg sample"), ("./egg", "./egg sample"), ("/usr/bin/egg", "/usr/bin/egg sample"),
        ("my tools/egg", "'my tools/egg' sample"), ("/opt/swift-egg", "/opt/swift-egg sample"),
    ])
    func callsItselfAgain(_ own: String, expected: String) {
        #expect(NextCommand.called(.sample, as: own, throughEgg: true) == expected)
    }

    @Test(arguments: [("pretrain", "sample"), ("a/pretrain", "a/sample"), ("", "sample")])
    func aProgramOfOneCommandCallsItsNeighbour(_ own: String, expected: String) {
        #expect(NextCommand.called(.sample, as: own, throughEgg: false) == expected)
    }

    /// As `swift run` starts a program from the package's directory.
    @Test(arguments: [("debug", "swift run"), ("release", "swift run -c release")])
    func inThePackageSwiftRunsIt(_ build: String, run: String) throws {
        let workspace = try Workspace()
        try workspace.write("Package.swift", "")
        try workspace.write("a.txt", "text")
        for (command, words, expected) in [
            (BuiltCommand.egg, ["tokenize"], "egg pretrain"), (.tokenize, [], "pretrain"),
        ] {
            let program = ".build/\(build)/\(command.rawValue)"
            try workspace.link(program, to: try command.path)
            let arguments = [program] + words + ["a.txt", "--output", "shards", "--force"]
            let result = try CommandRun(arguments.map { Array($0.utf8) }, in: workspace).wait()
            expectSuccess(result)
            #expect(result.text.contains("\nnext: \(run) \(expected) --config "), "\(result.text)")
        }
    }
}
