import Storage
import TestSupport
import Testing

/// `storybook` as a user runs it, with a small grammar and with the one of the package.
@Suite struct StorybookCommandTests {
    private static let grammar = """
        table hero: name
          Anna; Ben; Clara; Dora

        story: {who=hero} saw a {red|blue|green} bird. {who} {laughed|ran|slept}.

        """

    private static func workspace() throws -> Workspace {
        let workspace = try Workspace()
        try workspace.write("small.grammar", grammar)
        return workspace
    }

    private func write(
        _ workspace: Workspace, _ flags: [String], grammar: String = "small.grammar"
    ) throws -> [UInt8] {
        let result = try workspace.run(.storybook, ["--grammar", grammar] + flags)
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.errors.hasPrefix("wrote \(result.output.count) bytes, "))
        return result.output
    }

    @Test func theSeedDecidesTheText() throws {
        let workspace = try Self.workspace()
        let text = try write(workspace, ["--stories", "20", "--seed", "5"])
        #expect(text.split(separator: 0).count == 20)
        #expect(try write(workspace, ["--stories", "20", "--seed", "5"]) == text)
        #expect(try write(workspace, ["--stories", "20", "--seed", "6"]) != text)
    }

    @Test func theTextNeverExceedsItsLimit() throws {
        let workspace = try Self.workspace()
        let longer = try write(workspace, ["--bytes", "5000"])
        let text = try write(workspace, ["--bytes", "1000"])
        #expect(text.count <= 1000 && text.count > 900)
        #expect(longer.starts(with: text))
    }

    @Test func aFileHoldsTheSameText() throws {
        let workspace = try Self.workspace()
        let text = try write(workspace, ["--stories", "9"])
        let flags = ["--grammar", "small.grammar", "--stories", "9", "--output", "out/stories.txt"]
        let result = try workspace.run(.storybook, flags + ["--report", "report.json"])
        #expect(result.code == 0 && result.output.isEmpty)
        #expect(try workspace.read("out/stories.txt") == text)
        let report = try JSONValue(try workspace.read("report.json"))
        #expect(report["bytes"]?.integer == text.count && report["stories"]?.integer == 9)
        #expect(report["textXXH64"]?.string == XXH64.hex(XXH64.hash(text)))
    }

    /// The last line is a command that does what it says.
    @Test(arguments: ["out/stories.txt", "it's stories"])
    func saysHowTheTextBecomesShards(_ output: String) throws {
        let workspace = try Self.workspace()
        let flags = ["--grammar", "small.grammar", "--stories", "30", "--output", output]
        let result = try workspace.run(.storybook, flags)
        let line = try #require(result.errors.split(separator: "\n").last)
        #expect(line.hasPrefix("next: \(try BuiltCommand.tokenize.path) "))
        try workspace.write("next", String(line.dropFirst("next: ".count)))
        let shell = [Array("/bin/sh".utf8), Array("next".utf8)]
        expectSuccess(try CommandRun(shell, in: workspace).wait())
        let shards = output == "out/stories.txt" ? "out/stories" : output + "-shards"
        #expect(try workspace.list(shards).contains("index.json"))
    }

    /// Every story becomes a document.
    @Test func tokenizeTakesTheText() throws {
        let workspace = try Self.workspace()
        try workspace.write("stories.txt", try write(workspace, ["--stories", "30"]))
        let result = try workspace.run(.tokenize, ["stories.txt", "--output", "shards"])
        expectSuccess(result)
        #expect(result.text.contains("in 30 documents"))
    }

    @Test func theGrammarOfThePackageWorks() throws {
        let grammar = PackageFiles.path("Data/storybook.grammar")
        try #require(Files.kind(grammar) == .file)
        let text = try write(try Workspace(), ["--bytes", "20000"], grammar: grammar)
        #expect(text.count > 10_000 && text.count <= 20_000)
        #expect(text.allSatisfy { $0 == 0 || $0 == 10 || (0x20..<0x7F).contains($0) })
    }

    // MARK: Bad input

    @Test(arguments: bad) func isRefused(_ input: BadInput) throws { try input.check() }

    private static func bad(
        _ name: String, _ flags: [String], code: Int32 = 64, _ fragments: String...,
        prepare: @escaping @Sendable (Workspace) throws -> Void = { _ in }
    ) -> BadInput {
        BadInput(name: name, command: .storybook, code: code, fragments: fragments) { workspace in
            try workspace.write("small.grammar", grammar)
            try prepare(workspace)
            return ["--grammar", "small.grammar"] + flags
        }
    }

    /// A grammar that must be refused at a place.
    private static func grammar(_ name: String, _ text: String, _ fragments: String...) -> BadInput
    {
        BadInput(name: name, command: .storybook, code: 1, fragments: fragments) { workspace in
            try workspace.write("bad.grammar", text)
            return ["--grammar", "bad.grammar", "--stories", "1"]
        }
    }

    static let bad: [BadInput] = [
        bad("no limit", [], "--bytes: no limit is given", "--bytes N or --stories N"),
        bad("no bytes", ["--bytes", "0"], "--bytes: 0 is not positive", "use 1 or more"),
        bad("negative stories", ["--stories=-1"], "--stories: -1 is not positive", "1 or more"),
        bad("a negative seed", ["--stories", "1", "--seed=-1"], "storybook: ", "'-1'", "--help"),
        bad("too few bytes", ["--bytes", "5"], "--bytes: the first story is longer", "allow"),
        bad("no grammar", ["--stories", "1", "--grammar", "no"], code: 1, "no: ", "--grammar"),
        bad(
            "output below a file", ["--stories", "1", "--output", "small.grammar/out"], code: 1,
            "small.grammar/out", "a part of the path is a file"),
        bad(
            "output is a directory", ["--stories", "1", "--output", "dir"], code: 1, "dir: ",
            "is a directory"
        ) { try Files.createDirectory($0["dir"]) },
        bad(
            "report below a file",
            ["--stories", "1", "--output", "text", "--report", "small.grammar/report"], code: 1,
            "small.grammar/report", "a part of the path is a file"),
        bad(
            "report is a directory",
            ["--stories", "1", "--output", "text", "--report", "dir"], code: 1, "dir: ",
            "is a directory"
        ) { try Files.createDirectory($0["dir"]) },
        bad(
            "report below a file, text on standard output",
            ["--stories", "1", "--report", "small.grammar/report"], code: 1,
            "small.grammar/report", "a part of the path is a file"),
        bad(
            "report and text in one file",
            ["--stories", "1", "--output", "text", "--report", "text"], "--report: ", "same file",
            "another"),
        grammar("an empty grammar", "", "bad.grammar", "story"),
        grammar(
            "an unknown name", "story: {whoo}\n", "bad.grammar:1:9: 'whoo' is neither", "check"),
        grammar("an open brace", "story: {who\n", "bad.grammar:1:"),
        grammar("a rule without end", "story: {story}x\n", "bad.grammar:1:", "never ends"),
        grammar("bytes that are no ASCII", "story: ünder\n", "bad.grammar:1:8: ", "ASCII", "use"),
        grammar("a rule that is there twice", "story: a\nstory: b\n", "bad.grammar:2:1: ", "twice"),
    ]
}
