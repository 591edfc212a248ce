import Storage
import Testing

/// `evaluate` with directories of texts.
@Suite struct EvaluateDirectoryTests {
    private let workspace: Workspace

    init() throws {
        workspace = try Workspace()
        try workspace.prepareFinishedRun()
        try workspace.write("dir/b.txt", "the old miller saw a fox")
        try workspace.write("dir/a/c.txt", String(repeating: "a barrel of apples ", count: 9))
        try workspace.write("dir/a/empty.txt", "")
        try workspace.write("dir/.hidden", "hidden")
        try workspace.write("dir/c.xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0, 4])
        try workspace.copy(try Fixtures.shared.shards, to: "dir/shards")
    }

    private func evaluate(_ flags: String...) throws -> CommandResult {
        try workspace.run(.evaluate, ["--checkpoint", "run"] + flags)
    }

    private func texts(_ result: CommandResult) throws -> [String?] {
        let texts = try #require(try JSONValue(result.output)["texts"]?.array)
        return texts.map { $0["text"]?.string }
    }

    /// The rows are those of the texts when they are named, and what is no text is told of.
    @Test func everyTextInItIsScored() throws {
        let result = try evaluate("--input", "dir", "--json")
        #expect(result.code == 0)
        #expect(
            result.errors == """
                skipped 4 entries: 1 hidden, 1 empty, 1 xz, 1 directory of shards (dir/.hidden, \
                dir/a/empty.txt, dir/c.xz, dir/shards)

                """)
        let named = try evaluate("--input", "dir/a/c.txt", "dir/b.txt", "--json")
        expectSuccess(named)
        let (found, expected) = (try JSONValue(result.output), try JSONValue(named.output))
        #expect(found["texts"] == expected["texts"])
        #expect(found["logLikelihood"] == expected["logLikelihood"])
        #expect(try texts(result) == ["dir/a/c.txt", "dir/b.txt"])
    }

    /// The form of the output does not depend on how many texts there are.
    @Test func oneTextIsListedToo() throws {
        let result = try evaluate("--input", "dir", "--include", "b.*")
        #expect(result.code == 0)
        let lines = result.text.split(separator: "\n")
        #expect(lines.count == 5 && lines[2].hasSuffix("24  dir/b.txt"))
        #expect(lines[3].contains("24  all 1 text, in "))
        #expect(result.errors.hasPrefix("skipped 5 entries: "))
        let without = try evaluate("--input", "dir", "--exclude", "a", "--json")
        #expect(try texts(without) == ["dir/b.txt"])
    }

    @Test(
        arguments: [
            (["--input", "dir", "--per-token", "list"], "--per-token: is the list of one text"),
            (["--input", "dir", "--worst", "2"], "'dir' of --input is a directory; name a file"),
            (["--data", "shards", "--include", "*.txt"], "--include: chooses among the files of"),
            (["--input", "dir", "--include", "/"], "--include: '/' is no pattern"),
        ])
    func whatCannotBeIsRefused(_ flags: [String], _ message: String) throws {
        let result = try workspace.run(.evaluate, ["--checkpoint", "run"] + flags)
        expectError(result, code: 64, [message])
        #expect(try !workspace.list(".").contains("list"))
    }
}
