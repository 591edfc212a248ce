import Storage
import TestSupport
import Testing
import Threads

@testable import TokenShards

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

@Suite("Inputs")
struct CorpusFilesTests {
    private func list(_ inputs: [String], excluding: String? = nil) throws -> [String] {
        var files = try CorpusFiles(inputs, excluding: excluding)
        var paths: [String] = []
        while let path = try files.next() { paths.append(path) }
        return paths
    }

    @Test("from a directory come in the order of the bytes of their paths")
    func order() throws {
        let directory = try TemporaryDirectory()
        let names = ["a/x", "a/y/z", "a.txt", "a-b", "B", "é", "a0", "b/c/d/e", ".hidden"]
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
    }

    @Test("leave out pipes, devices and the output directory")
    func leftOut() throws {
        let directory = try TemporaryDirectory()
        try directory.write("text/x", "t")
        try directory.write("shards/index.json", "t")
        #expect(mkfifo(directory.file("pipe"), 0o600) == 0)
        let found = try list([directory.path], excluding: directory.file("shards"))
        #expect(found == [directory.file("text/x")])
    }

    @Test("that do not exist, broken links and the output itself are errors")
    func refused() throws {
        let directory = try TemporaryDirectory()
        try directory.write("x", "t")
        try Files.replaceLink(directory.file("broken"), target: "nowhere")
        try Files.replaceLink(directory.file("cycle"), target: "cycle")
        for inputs in [
            [directory.path], [directory.file("missing")], [directory.file("broken")],
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
        #expect(try CorpusFiles.totalBytes([directory.path], excluding: nil) == 8)
        #expect(try CorpusFiles.totalBytes([first, second], excluding: nil) == 8)
        #expect(try CorpusFiles.totalBytes([first, "-"], excluding: nil) == nil)
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
