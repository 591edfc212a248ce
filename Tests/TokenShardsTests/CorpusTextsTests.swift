import Storage
import TestSupport
import Testing

@testable import TokenShards

@Suite("Texts of directories")
struct CorpusTextsTests {
    /// What `tokenize` reads, less what has no byte.
    @Test("are those that are read as text, in the order of their paths")
    func found() throws {
        let directory = try TemporaryDirectory()
        try directory.write("a/x.txt", "text")
        try directory.write("a/.hidden", "text")
        try directory.write("b.xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0])
        try directory.write("c", "")
        try directory.write("d", "text")
        let texts = try CorpusTexts([directory.file("d"), "-", directory.path])
        #expect(
            texts.paths == [
                directory.file("d"), "-", directory.file("a/x.txt"), directory.file("d"),
            ])
        #expect(texts.skipped.byKind == "1 hidden, 1 xz, 1 empty")
    }

    @Test("that are named are not looked at, and a directory needs one")
    func named() throws {
        let directory = try TemporaryDirectory()
        let empty = try directory.write("a/empty", "")
        #expect(try CorpusTexts([empty]).paths == [empty])
        #expect(throws: FileError.self) { try CorpusTexts([directory.file("a")]) }
        try Files.createDirectory(directory.file("b"))
        #expect(throws: FileError.self) { try CorpusTexts([directory.file("b")]) }
    }
}
