import Storage
import Testing

/// `tokenize` as a user runs it.
@Suite struct TokenizeCommandTests {
    private func tokenize(
        _ workspace: Workspace, _ inputs: [String], _ output: String, input: String = "/dev/null"
    ) throws -> [String: String] {
        let result = try workspace.run(
            .tokenize, inputs + ["--output", output, "--shard-tokens", "20000"], input: input)
        expectSuccess(result)
        #expect(result.text.hasPrefix("\(output): train "))
        return try workspace.snapshot().filter { $0.key.hasPrefix("\(output)/") }
    }

    private func contents(_ files: [String: String]) -> [String: String] {
        Dictionary(uniqueKeysWithValues: files.map { (Paths.name($0.key), $0.value) })
    }

    @Test func writesTheSameBytesEachTime() throws {
        let workspace = try Workspace()
        let text = try Fixtures.shared.text
        let first = contents(try tokenize(workspace, [text], "a"))
        let second = contents(try tokenize(workspace, [text], "b"))
        #expect(first == second)
        let shards = (0..<3).map { "train-0000\($0).tokens.zst" }
        #expect(first.keys.sorted() == ["index.json"] + shards)
    }

    @Test func threadsChangeNoByte() throws {
        let workspace = try Workspace()
        let frames = [try Fixtures.shared.text, "--frame-tokens", "999", "--threads"]
        let one = contents(try tokenize(workspace, frames + ["1"], "one"))
        #expect(contents(try tokenize(workspace, frames + ["5"], "five")) == one)
    }

    /// The threads end with the command, whose error is that of the first frame that could not be written.
    @Test func aFullDiskIsAnErrorOnSeveralThreads() throws {
        let workspace = try Workspace()
        let result = try workspace.run(
            .tokenize,
            [
                try Fixtures.shared.text, "--output", "out", "--frame-tokens", "999", "--threads",
                "5",
            ], blocksOfFiles: 8)
        expectError(result, code: 1, ["out/train-00000.tokens.zst", "cannot write"])
        #expect(try Files.kind(workspace["out"]) == nil)
    }

    /// Whoever leaves it out would learn of it only after training.
    @Test func aMissingValidationSplitIsToldOf() throws {
        let workspace = try Workspace()
        try workspace.write("a.txt", "the old miller saw a fox")
        let without = try workspace.run(.tokenize, ["a.txt", "--output", "out"])
        expectSuccess(without)
        #expect(without.text.contains("\nno validation split: pretrain will measure nothing; "))
        let with = try workspace.run(
            .tokenize, ["a.txt", "--output", "out", "--validation-fraction", "0.2", "--force"])
        expectSuccess(with)
        #expect(!with.text.contains("no validation split"))
    }

    @Test func standardInputIsTheSameText() throws {
        let workspace = try Workspace()
        let text = try Fixtures.shared.text
        let file = contents(try tokenize(workspace, [text], "file"))
        let pipe = contents(try tokenize(workspace, ["-"], "pipe", input: text))
        #expect(file == pipe)
    }

    /// A shard is a zstd file of its tokens, so that it can be read as a text again.
    @Test func compressedInputIsKnownByItsContent() throws {
        let workspace = try Workspace()
        let text = try Fixtures.shared.text
        _ = try tokenize(workspace, [text], "once")
        try workspace.write(
            "plain-name.txt", try workspace.read("once/train-00000.tokens.zst"))
        let prefix = Array(try Files.read(text, atMost: 1 << 20).prefix(19_999))
        try workspace.write("prefix.txt", prefix)
        // The separator that begins the decoded tokens is one that tokenize writes anyway.
        let decoded = contents(try tokenize(workspace, ["plain-name.txt"], "decoded"))
        let expected = contents(try tokenize(workspace, ["prefix.txt"], "expected"))
        #expect(decoded == expected)
    }

    @Test func theIndexCountsTokensAndDocuments() throws {
        let workspace = try Workspace()
        try workspace.write("dir/b.txt", "second")
        try workspace.write("dir/a/x.txt", "one\0two\0")
        try workspace.write("v.txt", "held out")
        let result = try workspace.run(
            .tokenize, ["dir", "--output", "out", "--validation-input", "v.txt"])
        expectSuccess(result)
        let index = try JSONValue(try workspace.read("out/index.json"))
        let train = try #require(index["splits"]?["train"])
        #expect(train["tokens"]?.integer == 3 + 3 + 3 + 6)
        #expect(train["documents"]?.integer == 3)
        let validation = try #require(index["splits"]?["validation"])
        #expect(validation["tokens"]?.integer == 9 && validation["documents"]?.integer == 1)
        #expect(result.text.contains("train 15 tokens in 3 documents and 1 shard"))
    }

    @Test func forceReplacesOnlyShards() throws {
        let workspace = try Workspace()
        let text = try Fixtures.shared.text
        _ = try tokenize(workspace, [text], "out")
        try workspace.write("out/notes.txt", "mine")
        try workspace.write("short.txt", "short")
        let result = try workspace.run(.tokenize, ["short.txt", "--output", "out", "--force"])
        expectSuccess(result)
        #expect(try workspace.list("out") == ["index.json", "notes.txt", "train-00000.tokens.zst"])
        #expect(try workspace.read("out/notes.txt") == Array("mine".utf8))
    }

    @Test func aFailureWithForceKeepsTheOldShards() throws {
        let workspace = try Workspace()
        _ = try tokenize(workspace, [try Fixtures.shared.text], "out")
        try workspace.write("empty.txt", "")
        let before = try workspace.snapshot()
        #expect(
            try workspace.run(.tokenize, ["empty.txt", "--output", "out", "--force"]).code == 1)
        #expect(try workspace.snapshot() == before)
    }
}
