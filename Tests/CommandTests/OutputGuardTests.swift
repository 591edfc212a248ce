import CLibrary
import Storage
import Testing

/// Outputs that would replace what a command reads, or lie in a run directory.
@Suite struct OutputGuardTests {
    @Test(arguments: evaluate + replay + storybook + tokenize)
    func isRefused(_ input: BadInput) throws { try input.check() }

    private static func refused(
        _ command: BuiltCommand, _ arguments: [String], _ fragments: String...,
        prepare: @escaping @Sendable (Workspace) throws -> Void = { _ in }
    ) -> BadInput {
        BadInput(
            name: arguments.joined(separator: " "), command: command, code: 64,
            fragments: fragments
        ) { workspace in
            try workspace.prepareFinishedRun()
            try workspace.copy(try Fixtures.shared.shards, to: "own")
            try workspace.write("text.txt", "some text")
            try workspace.write("a.grammar", "story: a\n")
            try prepare(workspace)
            return arguments
        }
    }

    private static func list(
        _ input: [String], _ output: String, _ fragments: String...,
        prepare: @escaping @Sendable (Workspace) throws -> Void = { _ in }
    ) -> BadInput {
        refused(
            .evaluate, ["--checkpoint", "run"] + input + ["--per-token", output],
            "--per-token: '\(output)", fragments[0], "another", prepare: prepare)
    }

    private static let text = ["--input", "text.txt"]
    private static let shard = "own/train-00001.tokens.zst"

    static let evaluate: [BadInput] = [
        list(text, "text.txt", "is the file 'text.txt' that --input reads"),
        list(text, "./own/../text.txt", "is the file 'text.txt' that --input reads"),
        list(text, "soft", "is the file 'text.txt'") { try $0.link("soft", to: "text.txt") },
        list(text, "hard", "is the file 'text.txt'") { try $0.hardLink("hard", to: "text.txt") },
        list(["--input", "a.partial"], "a", "where it is written first, is the file 'a.partial'") {
            try $0.write("a.partial", "some text")
        },
        list(["--data", "own"], shard, "is the file '\(shard)' that --data reads"),
        list(["--data", "own"], "hard", "is the file '\(shard)'") {
            try $0.hardLink("hard", to: shard)
        },
        list(text, "model", "that --checkpoint reads") {
            try $0.hardLink("model", to: "run/latest/model.safetensors")
        },
        list(text, "run/metrics.jsonl", "lies in the run directory '"),
        list(text, "run/checkpoints/new", "lies in the run directory '"),
        list(text, "elsewhere/new", "lies in the run directory '") {
            try $0.link("elsewhere", to: "run/checkpoints")
        },
        list(text, "soft", "lies in the run directory '") {
            try $0.link("soft", to: "run/metrics.jsonl")
        },
    ]

    private static let write = ["--run", "run", "--output"]

    static let replay: [BadInput] = [
        refused(.replay, write + ["run/journal.egg"], "--output: 'run/journal.egg' lies in"),
        refused(.replay, write + ["run/new"], "--output: 'run/new' lies in the run directory '"),
        refused(.replay, write + ["hard"], "is the file 'run/journal.egg' that --run reads") {
            try $0.hardLink("hard", to: "run/journal.egg")
        },
        refused(.replay, write + ["other/new"], "lies in the run directory '") {
            try $0.copy(try Fixtures.shared.run, to: "other")
        },
    ]

    private static let story = ["--grammar", "a.grammar", "--stories", "1"]

    static let storybook: [BadInput] = [
        refused(.storybook, story + ["--output", "a.grammar"], "--output: ", "--grammar reads"),
        refused(.storybook, story + ["--report", "a.grammar"], "--report: ", "--grammar reads"),
        refused(.storybook, story + ["--output", "hard"], "--output: ", "--grammar reads") {
            try $0.hardLink("hard", to: "a.grammar")
        },
        refused(
            .storybook, story + ["--output", "own/x", "--report", "link/x"],
            "--report: is the same file as --output"
        ) { try $0.link("link", to: "own") },
        refused(
            .storybook, story + ["--output", "new/a/../x", "--report", "new/x"],
            "--report: is the same file as --output"),
        refused(
            .storybook, story + ["--output", "x", "--report", "x.partial"],
            "--report: is the same file as --output"),
        refused(.storybook, story + ["--output", "run/x"], "--output: 'run/x' lies in the run"),
        refused(
            .storybook, story + ["--report", "run/a/x"], "--report: 'run/a/x' lies in the run"),
    ]

    static let tokenize: [BadInput] = [
        refused(.tokenize, ["text.txt", "--output", "run", "--force"], "--output: 'run' lies in"),
        refused(.tokenize, ["text.txt", "--output", "run/a/b"], "--output: 'run/a/b' lies in"),
        refused(
            .tokenize, ["own", "--output", "own", "--force"],
            "--output: 'own' is both the output and what INPUT reads", "another directory"),
        refused(.tokenize, ["text.txt", "--output", "text.txt"], "'text.txt' is both the output"),
        refused(
            .tokenize, [shard, "--output", "own", "--force"], "is the file '\(shard)'", "INPUT"),
        refused(
            .tokenize, ["text.txt", "--validation-input", "in", "--output", "own", "--force"],
            "is the file 'in/text' that --validation-input reads"
        ) { try $0.hardLink("in/text", to: shard) },
        refused(
            .tokenize, ["own/train-00009.tokens.zst.partial", "--output", "own", "--force"],
            "is the file 'own/train-00009.tokens.zst.partial'"
        ) { try $0.write("own/train-00009.tokens.zst.partial", "text") },
    ]

    @Test func standardInputIsAnInput() throws {
        let workspace = try Workspace()
        try workspace.copy(try Fixtures.shared.shards, to: "own")
        let before = try workspace.snapshot()
        let result = try workspace.run(
            .tokenize, ["-", "--output", "own", "--force"], input: workspace[Self.shard])
        expectError(result, code: 64, ["--output: ", "the file standard input that INPUT reads"])
        #expect(try workspace.snapshot() == before)
    }

    /// A directory that is read may hold the one that is written, and a file beside its shards may be read.
    @Test func whatIsNotReplacedIsNoInput() throws {
        let workspace = try Workspace()
        try workspace.write("texts/a.txt", "some text")
        for flags in [[], ["--force"]] {
            let result = try workspace.run(
                .tokenize, ["texts", "--output", "texts/shards"] + flags)
            expectSuccess(result)
            #expect(result.text.contains("in 1 document "))
        }
        try workspace.write("texts/shards/notes.txt", "more text")
        expectSuccess(
            try workspace.run(
                .tokenize, ["texts/shards/notes.txt", "--output", "texts/shards", "--force"]))
        // A config of the user's own makes no run.
        try workspace.write("config.yaml", tinyConfig)
        expectSuccess(try workspace.run(.tokenize, ["texts/a.txt", "--output", "more"]))
    }
}

extension Workspace {
    fileprivate func hardLink(_ name: String, to existing: String) throws {
        try Files.createDirectory(Paths.parent(self[name]))
        guard let real = realpath(self[existing], nil) else { throw NotFound(text: existing) }
        defer { free(real) }
        guard makeHardLink(real, self[name]) == 0 else { throw NotFound(text: existing) }
    }
}

/// The system's call, whose name a method of the workspace has.
private func makeHardLink(_ existing: UnsafePointer<CChar>, _ name: String) -> Int32 {
    link(existing, name)
}
