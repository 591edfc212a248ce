import Storage
import TestSupport
import Testing

@testable import TokenShards

@Suite("Patterns of paths")
struct PathPatternTests {
    @Test(
        "match names anywhere, and paths where they have a slash",
        arguments: [
            ("*.txt", ["a.txt", "b/c/a.txt"], ["a.txt/b", "a.txtx", "a.md"]),
            ("a?.[ch]", ["ab.c", "x/ab.h"], ["a.c", "abc.c", "ab.x"]),
            ("src/*.c", ["src/a.c"], ["a.c", "src/x/a.c", "x/src/a.c"]),
            ("src/**", ["src/a", "src/a/b"], ["src", "x/src/a"]),
            ("src/**/a", ["src/a", "src/x/a", "src/x/y/a"], ["a", "src/x"]),
            ("**/a", ["a", "x/a", "x/y/a"], ["b", "a/b"]),
            ("build/", ["build", "x/build"], ["build/a"]),
            ("*", ["a", ".a", "x/a"], []),
            ("[a", ["[a"], ["a"]),
            ("ä*", ["äb", "x/ä"], ["a"]),
        ])
    func matches(text: String, yes: [String], no: [String]) throws {
        let pattern = try #require(PathPattern(text))
        for path in yes { #expect(pattern.matches(Paths.parts(path)[...]), "\(path)") }
        for path in no { #expect(!pattern.matches(Paths.parts(path)[...]), "\(path)") }
    }

    @Test("are no absolute paths and not empty", arguments: ["", "/", "/a", "a//b"])
    func refused(text: String) {
        #expect(PathPattern(text) == nil)
    }

    private func read(
        _ directory: TemporaryDirectory, include: [String] = [], exclude: [String] = [],
        isStrict: Bool = false
    ) throws -> (paths: [String], skipped: String) {
        let filter = PathFilter(
            included: include.compactMap(PathPattern.init),
            excluded: exclude.compactMap(PathPattern.init))
        var files = try CorpusFiles(
            [directory.path], excluding: nil, isStrict: isStrict, filter: filter)
        var paths: [String] = []
        while let entry = try files.next() {
            paths.append(String(entry.path.dropFirst(directory.path.count + 1)))
        }
        return (paths, files.skipped.byKind)
    }

    @Test("choose among the files of a directory, and are no reason to be strict about")
    func filter() throws {
        let directory = try TemporaryDirectory()
        for name in ["a.txt", "b.md", "src/c.txt", "src/d.c", "src/old/e.txt", "old/f.txt"] {
            try directory.write(name, "t")
        }
        let texts = try read(directory, include: ["*.txt"], exclude: ["old"], isStrict: true)
        #expect(texts.paths == ["a.txt", "src/c.txt"])
        #expect(texts.skipped == "2 not included, 2 excluded")
        #expect(
            try read(directory, include: ["src"]).paths == [
                "src/c.txt", "src/d.c", "src/old/e.txt",
            ])
        #expect(try read(directory, exclude: ["src/**", "*.md"]).paths == ["a.txt", "old/f.txt"])
        #expect(try read(directory).paths.count == 6)
        let error = #expect(throws: FileError.self) { try read(directory, include: ["*.rst"]) }
        #expect(error?.finding.contains("6 not included") == true)
    }

    @Test("leave what is named alone, and the total size to what is read")
    func named() throws {
        let directory = try TemporaryDirectory()
        let named = try directory.write("a.txt", "12345")
        try directory.write("d/a.txt", "123")
        try directory.write("d/b.md", "12")
        var plan = CorpusPlan(inputs: [named, directory.file("d")])
        plan.filter = PathFilter(excluded: [try #require(PathPattern("*.txt"))])
        #expect(try plan.totalBytes(excluding: directory.file("out")) == 7)
        let shards = try tokenize(plan, to: directory.file("out"))
        #expect(try readAll(shards) == Array("\012345\012".utf8))
    }
}
