import Storage
import Testing

/// What `tokenize` does with what is no text, named and in a directory.
@Suite struct SkippedInputTests {
    private static let xz: [UInt8] = [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0, 4]

    /// A directory as downloads and tools leave it, with two texts in it.
    private func mixedDirectory(_ workspace: Workspace) throws {
        try workspace.write("dir/a.txt", "one")
        try workspace.write("dir/b/c.txt", "two\0three")
        try workspace.write("dir/b/c.xz", Self.xz)
        try workspace.write("dir/.git/HEAD", "ref")
        try workspace.write("dir/.DS_Store", [0, 0, 0, 1])
        try workspace.write("dir/table.parquet", Array("PAR1".utf8) + [0x15, 4])
        try workspace.write("dir/utf-16.txt", [0xFF, 0xFE, 0x61, 0])
        try workspace.link("dir/gone", to: "nowhere")
        try workspace.copy(try Fixtures.shared.shards, to: "dir/shards")
    }

    @Test func aDirectoryWithOtherFilesGivesItsTexts() throws {
        let workspace = try Workspace()
        try mixedDirectory(workspace)
        let result = try workspace.run(.tokenize, ["dir", "--output", "out"])
        #expect(result.code == 0)
        #expect(result.text.contains("train 14 tokens in 3 documents and 1 shard"))
        #expect(
            result.errors == """
                skipped 7 entries: 2 hidden, 1 xz, 1 broken link, 1 directory of shards, 1 Parquet, \
                1 utf-16le (dir/.DS_Store, dir/.git, dir/b/c.xz, dir/gone, dir/shards and 2 more)

                """)
        #expect(try workspace.list("out") == ["index.json", "train-00000.tokens.zst"])
    }

    @Test func strictNeedsACleanDirectory() throws {
        let workspace = try Workspace()
        try workspace.write("dir/a.txt", "one")
        expectSuccess(try workspace.run(.tokenize, ["dir", "--strict", "--output", "clean"]))
        try workspace.write("dir/b.xz", Self.xz)
        expectError(
            try workspace.run(.tokenize, ["dir", "--strict", "--output", "out"]), code: 1,
            ["dir/b.xz: is xz-compressed data, not text", "xz -dc dir/b.xz"])
        #expect(try Files.kind(workspace["out"]) == nil)
    }

    @Test func standardInputThatIsNoTextIsPipedThroughMore() throws {
        let workspace = try Workspace()
        try workspace.write("b.xz", Self.xz)
        expectError(
            try workspace.run(.tokenize, ["-", "--output", "out"], input: workspace["b.xz"]),
            code: 1,
            [
                "standard input: is xz-compressed data, not text",
                "pipe it through this first: xz -dc -",
            ])
    }

    @Test func aTextWithManyNulBytesIsReadWithAWarning() throws {
        let workspace = try Workspace()
        try workspace.write(
            "dir/a.bin", (0..<900).map { UInt8(truncatingIfNeeded: $0 * $0 / 7 % 23) })
        let result = try workspace.run(.tokenize, ["dir", "--output", "out"])
        #expect(result.code == 0)
        #expect(result.errors.hasPrefix("warning: read 1 text with many NUL bytes"))
        #expect(result.errors.contains("dir/a.bin"))
        let quiet = ["dir", "--output", "out", "--force", "--encoding", "utf-8"]
        expectSuccess(try workspace.run(.tokenize, quiet))
    }

    @Test func anEncodingIsConverted() throws {
        let workspace = try Workspace()
        let text = "Grüße\nund mehr davon"
        try workspace.write("plain.txt", text)
        try workspace.write(
            "wide.txt", text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
        expectSuccess(try workspace.run(.tokenize, ["plain.txt", "--output", "plain"]))
        let wide = ["wide.txt", "--output", "wide", "--encoding"]
        expectError(
            try workspace.run(.tokenize, Array(wide.dropLast())), code: 1,
            ["wide.txt: is text in utf-16le", "pass --encoding utf-16le"])
        expectSuccess(try workspace.run(.tokenize, wide + ["utf-16le"]))
        #expect(try workspace.read("plain/index.json") == workspace.read("wide/index.json"))
    }

    /// The command that is printed works as it is, whatever the path.
    @Test func theNextCommandIsSaid() throws {
        let workspace = try Workspace()
        try workspace.write("a.txt", "text")
        let plain = try workspace.run(.tokenize, ["a.txt", "--output", "shards"])
        #expect(
            plain.text.hasSuffix(
                "next: \(try BuiltCommand.pretrain.path) --config Configs/quickstart.yaml --set data.shards=shards "
                    + "--output runs/shards\n"))
        let odd = try workspace.run(.tokenize, ["a.txt", "--output", "it's mine/#2"])
        #expect(odd.text.contains(#"--set 'data.shards=it'\''s mine/#2' --output 'runs/#2'"#))
    }

    @Test func whatAKilledRunLeftIsNoObstacle() throws {
        let workspace = try Workspace()
        try workspace.write("a.txt", "text")
        try workspace.write("out/train-00000.tokens.zst.partial", "half")
        try workspace.write("out/index.json.partial", "")
        expectSuccess(try workspace.run(.tokenize, ["a.txt", "--output", "out"]))
        #expect(try workspace.list("out") == ["index.json", "train-00000.tokens.zst"])
    }
}
