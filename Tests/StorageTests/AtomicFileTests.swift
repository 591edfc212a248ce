import CLibrary
import Storage
import TestSupport
import Testing

@Suite struct AtomicFileTests {
    @Test func appearsWithTheCommitOnly() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("a")
        let file = try AtomicFile(path)
        try file.write(Array("new".utf8))
        #expect(try Files.kind(path) == nil)
        try file.commit()
        #expect(try text(path) == "new")
        #expect(try Files.list(directory.path) == ["a"])
    }

    @Test func leavesNothingWithoutACommit() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("a", "old")
        do {
            let file = try AtomicFile(path)
            try file.write(Array("half of the n".utf8))
            #expect(try Files.list(directory.path) == ["a", "a" + AtomicFile.suffix])
        }
        #expect(try Files.list(directory.path) == ["a"])
        #expect(try text(path) == "old")
    }

    @Test func startsOverWhatACrashLeft() throws {
        let directory = try TemporaryDirectory()
        _ = try directory.write("a" + AtomicFile.suffix, "longer rest of a crashed run")
        try AtomicFile.write(Array("new".utf8), to: directory.file("a"))
        #expect(try text(directory.file("a")) == "new")
        #expect(try Files.list(directory.path) == ["a"])
    }

    @Test func refusesToWriteAfterTheCommit() throws {
        let directory = try TemporaryDirectory()
        let file = try AtomicFile(directory.file("a"))
        try file.commit()
        #expect(throws: FileError.self) { try file.write([1]) }
        #expect(throws: FileError.self) { try file.commit() }
        #expect(try text(directory.file("a")) == "")
    }

    @Test func refusesPathsThatNameNoFile() throws {
        let directory = try TemporaryDirectory()
        for path in ["", directory.path, directory.path + "/", directory.file("missing/")] {
            #expect(throws: FileError.self, "\(path)") { try AtomicFile(path) }
        }
        let error = #expect(throws: FileError.self) { try AtomicFile("") }
        #expect(error?.description == "'': names no file; add a file name to the path")
        #expect(try Files.list(directory.path).isEmpty)
        #expect(try Files.kind(AtomicFile.suffix) == nil)
    }

    @Test func saysWhyItCannotBeMade() throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: FileError.self) { try AtomicFile(directory.file("missing/a")) }
        #expect(error?.finding == "cannot write: no such file or directory")
        #expect(error?.remedy == "check the path")
        let below = try directory.write("file", "x") + "/a"
        let other = #expect(throws: FileError.self) { try AtomicFile(below) }
        #expect(other?.remedy == "a part of the path is a file; check the path")
    }

    @Test func appendsToAFile() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("log")
        for line in ["one\n", "two\n"] {
            let file = try OutputFile(appendingTo: path)
            try file.write(line)
            try file.write([])
            try file.sync()
        }
        #expect(try text(path) == "one\ntwo\n")
        #expect(throws: FileError.self) { try OutputFile(appendingTo: directory.path) }
    }

    /// A rename would put a file in the place of /dev/null.
    @Test func aDeviceOrAPipeStaysWhatItIs() throws {
        let directory = try TemporaryDirectory()
        try directory.makePipe("pipe")
        for path in [directory.file("pipe"), "/dev/null"] {
            let error = try #require(throws: FileError.self) { try AtomicFile.write([], to: path) }
            #expect(error.finding.contains("device or a pipe"))
            #expect(try Files.kind(path) == .other)
        }
        #expect(try Files.list(directory.path) == ["pipe"])
    }

    /// Temporary names can be guessed: what somebody put there is removed, never written to or waited for.
    @Test func nothingIsWrittenThroughWhatHasTheTemporaryName() throws {
        let directory = try TemporaryDirectory()
        let kept = try directory.write("kept", "precious")
        let temporary = directory.file("a" + AtomicFile.suffix)
        let plants: [() throws -> Void] = [
            { try #require(link(kept, temporary) == 0) },
            { try #require(symlink(kept, temporary) == 0) },
            { try directory.makePipe("a" + AtomicFile.suffix) },
        ]
        for plant in plants {
            try plant()
            try AtomicFile.write(Array("new".utf8), to: directory.file("a"))
            #expect(try text(directory.file("a")) == "new" && text(kept) == "precious")
            #expect(try Files.list(directory.path) == ["a", "kept"])
        }
    }

    /// Opening a pipe to write would wait for a reader, for ever where none comes.
    @Test func aPipeIsRefusedWhereAFileIsAppendedTo() throws {
        let directory = try TemporaryDirectory()
        try directory.makePipe("pipe")
        let error = try #require(throws: FileError.self) {
            try OutputFile(appendingTo: directory.file("pipe"))
        }
        #expect(error.finding == "cannot write: it is a device or a pipe")
    }
}
