import Storage
import Testing

/// `tokenize` with JSON Lines, with patterns of paths, and with files of tokens.
@Suite struct RecordCommandTests {
    private let workspace: Workspace

    init() throws {
        workspace = try Workspace()
        try workspace.write(
            "a.jsonl",
            """
            {"text": "It said \\u201chello\\u201d,\\ntwice.", "meta": {"set": "made up", "n": 0}}
            {"text": "Größe 🥚", "meta": {"set": "made up", "n": 1}}

            """)
        try workspace.write("a.txt", "It said “hello”,\ntwice.\0Größe 🥚")
    }

    private func tokenize(_ arguments: String..., input: String = "/dev/null") throws
        -> CommandResult
    {
        try workspace.run(.tokenize, arguments, input: input)
    }

    private func index(_ name: String) throws -> [UInt8] {
        try workspace.read("\(name)/index.json")
    }

    @Test func theTokensAreThoseOfTheTexts() throws {
        expectSuccess(try tokenize("a.txt", "--output", "plain"))
        let file = try tokenize("a.jsonl", "--field", "text", "--output", "file")
        expectSuccess(file)
        #expect(file.text.contains("train 41 tokens in 2 documents"))
        #expect(file.text.contains("\nread 1 file: 1 JSON Lines\n"))
        expectSuccess(
            try tokenize("-", "--field", "text", "--output", "pipe", input: workspace["a.jsonl"]))
        for name in ["file", "pipe"] { #expect(try index(name) == index("plain")) }
        let sets = try tokenize("a.jsonl", "--field", "meta.set", "--output", "sets")
        #expect(sets.text.contains("train 16 tokens in 2 documents"))
    }

    @Test func validationTextsAreRecordsToo() throws {
        let split = ["--validation-input", "a.jsonl", "--field", "text"]
        let both = try workspace.run(.tokenize, ["a.jsonl", "--output", "both"] + split)
        expectSuccess(both)
        #expect(both.text.contains("validation 41 tokens in 2 documents"))
        let cut = try tokenize(
            "a.jsonl", "--field", "text", "--validation-fraction", "0.5", "--output", "cut")
        expectSuccess(cut)
        #expect(cut.text.contains("train 21 tokens in 1 document"))
    }

    @Test func recordsThatAreReadAsTextGiveAHint() throws {
        let result = try tokenize("a.jsonl", "--output", "out")
        #expect(result.code == 0)
        #expect(result.errors.hasPrefix("warning: read 1 text that begins with a JSON object"))
        #expect(result.errors.contains("(a.jsonl)"))
        #expect(result.errors.contains("--field text"))
        #expect(!result.text.contains("read 1 file"))
    }

    @Test func standardInputIsNamedInAnError() throws {
        try workspace.write("bad", "{\"text\":\"a\"}\n{\"text\":1}\n")
        expectError(
            try tokenize("-", "--field", "text", "--output", "out", input: workspace["bad"]),
            code: 1, ["standard input:2:9: \"text\" is a number"])
    }

    @Test(
        arguments: [
            (["--skip-bad-lines"], "--skip-bad-lines: is for JSON Lines"),
            (["--field", ""], "--field: '' is no key"),
            (["--field", "a..b"], "--field: 'a..b' is"),
            (["--include", ""], "--include: '' is no pattern"),
            (["--include", "*.txt", "--exclude", "/a"], "--exclude: '/a' is no pattern"),
        ])
    func flagsThatMakeNoSenseAreRefused(_ flags: [String], _ message: String) throws {
        let before = try workspace.snapshot()
        expectError(
            try workspace.run(.tokenize, ["a.txt", "--output", "out"] + flags), code: 64, [message])
        #expect(try workspace.snapshot() == before)
    }

    @Test func patternsChooseFilesAndTheSummarySaysWhatCameOfThem() throws {
        for name in ["a.txt", "b.md", "drafts/c.txt", "d.txt"] {
            try workspace.write("dir/\(name)", "text")
        }
        let result = try tokenize(
            "dir", "--include", "*.txt", "--include", "*.rst", "--exclude", "drafts", "--strict",
            "--output", "out")
        #expect(result.code == 0)
        #expect(
            result.errors
                == "skipped 2 entries: 1 not included, 1 excluded (dir/b.md, dir/drafts)\n")
        #expect(result.text.contains("train 10 tokens in 2 documents"))
        #expect(result.text.contains("\nread 2 files: 2 text\n"))
    }

    @Test func tokenFilesAreReadOrRefused() throws {
        let header: [UInt8] = [0x88, 0xD8, 0x34, 1, 1, 0, 0, 0, 3, 0, 0, 0]
        let rest = [UInt8](repeating: 0, count: 1024 - header.count)
        let tokens: [UInt8] = [0, 0, 0x68, 0, 0x69, 0]
        try workspace.write("llmc.bin", header + rest + tokens)
        try workspace.write("nano.bin", Array(tokens[2...]))
        try workspace.write("gpt2.bin", header + rest + [0x50, 0xC4, 0x68, 0, 0x69, 0])
        try workspace.write("hi.txt", "hi")
        expectSuccess(try tokenize("hi.txt", "--output", "plain"))
        expectSuccess(try tokenize("llmc.bin", "--output", "llmc"))
        expectSuccess(try tokenize("nano.bin", "--encoding", "tokens-u16", "--output", "nano"))
        for name in ["llmc", "nano"] { #expect(try index(name) == index("plain")) }
        expectError(
            try tokenize("gpt2.bin", "--output", "out"), code: 1,
            ["gpt2.bin: byte 1024: token number 1 is 50256", "GPT-2", "decode them to text"])
        #expect(try !workspace.list(".").contains("out"))
    }
}
