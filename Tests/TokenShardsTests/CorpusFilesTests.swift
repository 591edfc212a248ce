import CLibrary
import Storage
import TestSupport
import Testing
import Threads

@testable import TokenShards

@Suite("Inputs")
struct CorpusFilesTests {
    private func list(_ inputs: [String], excluding: String? = nil) throws -> [String] {
        var files = try CorpusFiles(inputs, excluding: excluding)
        var paths: [String] = []
        while let entry = try files.next() { paths.append(entry.path) }
        return paths
    }

    /// What is skipped in a directory, by kind.
    private func skipped(in directory: TemporaryDirectory) throws -> String {
        var files = try CorpusFiles([directory.path], excluding: nil)
        while try files.next() != nil {}
        return files.skipped.byKind
    }

    @Test("from a directory come in the order of the bytes of their paths")
    func order() throws {
        let directory = try TemporaryDirectory()
        let names = ["a/x", "a/y/z", "a.txt", "a-b", "B", "é", "a0", "b/c/d/e"]
        for name in names { try directory.write(name, "t") }
        let expected = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        #expect(try list([directory.path]) == expected.map { directory.file($0) })
        #expect(
            try list([directory.file("b"), "-", directory.file("B")]) == [
                directory.file("b/c/d/e"), "-", directory.file("B"),
            ])
    }

    @Test("follow links to files, and never links to directories")
    func links() throws {
        let directory = try TemporaryDirectory()
        try directory.write("a/x", "t")
        try Files.replaceLink(directory.file("a/loop"), target: "..")
        try Files.replaceLink(directory.file("a/self"), target: ".")
        try Files.replaceLink(directory.file("y"), target: "a/x")
        #expect(try list([directory.path]) == [directory.file("a/x"), directory.file("y")])
        #expect(try skipped(in: directory) == "2 link to a directory")
    }

    @Test("leave out the output directory, and skip what is no text by its name or kind")
    func leftOut() throws {
        let directory = try TemporaryDirectory()
        try directory.write("text/x", "t")
        try directory.write("output/index.json", "t")
        try directory.write(".git/config", "t")
        try directory.write("text/.DS_Store", "t")
        try makeShards([sampleText(10)], in: directory)
        #expect(mkfifo(directory.file("pipe"), 0o600) == 0)
        try Files.replaceLink(directory.file("broken"), target: "nowhere")
        try Files.replaceLink(directory.file("cycle"), target: "cycle")
        let found = try list([directory.path], excluding: directory.file("output"))
        #expect(found == [directory.file("text/x"), directory.file("texts-shards/0.txt")])
        #expect(
            try skipped(in: directory)
                == "2 hidden, 2 broken link, 1 pipe or device, 1 directory of shards")
    }

    @Test("may be hidden where they are named")
    func namedHidden() throws {
        let directory = try TemporaryDirectory()
        let paths = [
            try directory.write(".texts/a", "t"), try directory.write(".texts/b/c", "t"),
        ]
        #expect(try list([directory.file(".texts")]) == paths)
        #expect(try list(paths) == paths)
    }

    @Test("of a directory that may not be listed are skipped, and it is an error where it is named")
    func unreadable() throws {
        let directory = try TemporaryDirectory()
        try directory.write("closed/x", "t")
        try directory.write("y", "t")
        chmod(directory.file("closed"), 0)
        defer { chmod(directory.file("closed"), 0o700) }
        guard access(directory.file("closed"), R_OK) != 0 else { return }  // root may do all
        #expect(try list([directory.path]) == [directory.file("y")])
        #expect(try skipped(in: directory) == "1 unreadable")
        #expect(throws: FileError.self) { try list([directory.file("closed")]) }
    }

    @Test("that are skipped are errors where that is asked for")
    func strict() throws {
        for name in [".hidden", "link", "pipe"] {
            let directory = try TemporaryDirectory()
            try directory.write("text", "t")
            switch name {
            case "link": try Files.replaceLink(directory.file(name), target: "nowhere")
            case "pipe": #expect(mkfifo(directory.file(name), 0o600) == 0)
            default: try directory.write(name, "t")
            }
            var files = try CorpusFiles([directory.path], excluding: nil, isStrict: true)
            let error = #expect(throws: FileError.self) {
                while try files.next() != nil {}
            }
            #expect(error?.location == directory.file(name))
        }
    }

    @Test("that are all skipped are an error, and an empty directory is none")
    func nothingLeft() throws {
        let directory = try TemporaryDirectory()
        try directory.write("a/.hidden", "t")
        try directory.write("text", "t")
        try Files.createDirectory(directory.file("empty"))
        let error = #expect(throws: FileError.self) {
            try list([directory.file("a"), directory.file("text")])
        }
        #expect(error?.finding.contains("1 hidden") == true)
        #expect(
            try list([directory.file("empty"), directory.file("text")]) == [directory.file("text")])
    }

    @Test("that do not exist, broken links, shards and the output itself are errors")
    func refused() throws {
        let directory = try TemporaryDirectory()
        try directory.write("x", "t")
        try Files.replaceLink(directory.file("broken"), target: "nowhere")
        try Files.replaceLink(directory.file("cycle"), target: "cycle")
        try makeShards([sampleText(10)], in: directory)
        for inputs in [
            [directory.file("missing")], [directory.file("broken")], [directory.file("shards")],
            [directory.file("cycle")], [directory.file("x"), directory.file("missing")],
        ] {
            #expect(throws: FileError.self) { try list(inputs) }
        }
        #expect(throws: FileError.self) { try list([directory.path], excluding: directory.path) }
    }

    @Test("have a total size unless one is a pipe")
    func totalBytes() throws {
        let directory = try TemporaryDirectory()
        let first = try directory.write("d/x", "12345")
        let second = try directory.write("y", "123")
        func total(_ inputs: String...) throws -> Int? {
            try CorpusPlan(inputs: inputs).totalBytes(excluding: directory.file("out"))
        }
        #expect(try total(directory.path) == 8)
        #expect(try total(first, second) == 8)
        #expect(try total(first, "-") == nil)
    }

    /// What is skipped by its content is counted as read, so that the progress reaches its total.
    @Test("that are skipped do not change the progress at the end")
    func progressReachesTheTotal() throws {
        let directory = try TemporaryDirectory()
        try directory.write("d/a", "12345")
        try directory.write("d/b.xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 1, 2, 3])
        try directory.write("d/.hidden", "1234")
        try Files.replaceLink(directory.file("d/broken"), target: "nowhere")
        let plan = CorpusPlan(inputs: [directory.file("d")])
        let output = directory.file("out")
        var tokenizer = CorpusTokenizer(plan, into: try StagedDataset(output, replacing: false))
        let progress = try tokenizer.run().progress
        #expect(try plan.totalBytes(excluding: output) == progress.inputBytes)
        #expect(progress.skipped.byKind == "1 hidden, 1 xz, 1 broken link")
        #expect(try readAll(output) == Array("\012345".utf8))
    }

    @Test("may be pipes, which come in parts of any size")
    func pipe() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("pipe")
        try #require(mkfifo(path, 0o600) == 0)
        let text = sampleText(3000)
        let writer = try BackgroundThread("writer") {
            guard let pipe = PipeWriter(path) else { return }
            for start in stride(from: 0, to: text.count, by: 7) {
                pipe.write(Array(text[start..<min(start + 7, text.count)]))
            }
        }
        let shards = try tokenize(CorpusPlan(inputs: [path]), to: directory.file("shards"))
        writer.join()
        #expect(try readAll(shards) == document(text))
    }
}
