import Storage
import TestSupport
import Testing

@Suite struct FilesTests {
    @Test func listsNamesInTheOrderOfTheirBytes() throws {
        let directory = try TemporaryDirectory()
        let sorted = [".hidden", "B", "a10", "a2", "b", "zz", "é"]
        for name in ["b", "é", "a10", "zz", "a2", ".hidden", "B"] {
            _ = try directory.write(name, "")
        }
        #expect(try Files.list(directory.path) == sorted)
    }

    #if os(Linux)  // other systems refuse to make such a name
        @Test func refusesToListANameThatIsNotUTF8() throws {
            let directory = try TemporaryDirectory()
            let unreadable = try directory.makeUnreadableName()
            defer { removeUnreadable(unreadable) }
            let error = #expect(throws: FileError.self) { try Files.list(directory.path) }
            #expect(error?.finding == "holds a name that is not valid UTF-8")
        }
    #endif

    @Test func listsDirectoriesOnly() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("a", "")
        #expect(throws: FileError.self) { try Files.list(path) }
        #expect(throws: FileError.self) { try Files.list(directory.file("missing")) }
        #expect(throws: FileError.self) { try Files.list("") }
    }

    @Test func readsUpToTheLimit() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("a", "12345")
        #expect(try Files.read(path, atMost: 5) == Array("12345".utf8))
        let error = #expect(throws: FileError.self) { try Files.read(path, atMost: 4) }
        #expect(error?.description == "\(path): larger than the 4 bytes allowed; check the path")
        #expect(try Files.read(directory.write("empty", ""), atMost: 0) == [])
    }

    @Test func saysWhatCannotBeRead() throws {
        let directory = try TemporaryDirectory()
        let cases = [
            (directory.file("missing"), "check the path"),
            (directory.path, "name a file, not a directory"),
            ("", "check the path"),
            (directory.file(String(repeating: "n", count: 5000)), "shorten the path"),
        ]
        for (path, remedy) in cases {
            let error = #expect(throws: FileError.self) { try Files.read(path, atMost: 10) }
            #expect(error?.remedy == remedy)
        }
    }

    #if os(Linux)
        /// The kernel says that these files hold 0 bytes.
        @Test func readsFilesOfTheKernel() throws {
            #expect(try text("/proc/self/status").hasPrefix("Name:"))
            #expect(throws: FileError.self) { try Files.read("/proc/self/status", atMost: 10) }
        }
    #endif

    @Test func readsAtPositions() throws {
        let directory = try TemporaryDirectory()
        let file = try InputFile(directory.write("a", "0123456789"))
        #expect(file.size == 10)
        var bytes = [UInt8](repeating: 0, count: 4)
        #expect(try file.read(into: &bytes, at: 3) == 4)
        #expect(bytes == Array("3456".utf8))
        #expect(try file.read(into: &bytes, at: 8) == 2)
        #expect(try file.read(into: &bytes, at: 10) == 0)
        #expect(throws: FileError.self) { try file.read(into: &bytes, at: -1) }
        var none: [UInt8] = []
        #expect(try file.read(into: &none, at: 0) == 0)
    }

    @Test func readsFromItsStartToItsEnd() throws {
        let directory = try TemporaryDirectory()
        let file = try InputFile(directory.write("a", "0123456"))
        var bytes = [UInt8](repeating: 0, count: 5)
        #expect(try file.readNext(into: &bytes) == 5)
        #expect(try file.readNext(into: &bytes) == 2)
        #expect(try file.readNext(into: &bytes) == 0)
    }

    @Test(.timeLimit(.minutes(1))) func readsAPipeToItsEnd() async throws {
        let directory = try TemporaryDirectory()
        try directory.makePipe("pipe")
        let path = directory.file("pipe")
        let content = [UInt8](repeating: 7, count: 200_000)
        let writer = Task.detached {
            PipeWriter(path)?.write(content)
        }
        #expect(try Files.read(path, atMost: 200_000) == content)
        await writer.value
    }

    @Test func createsDirectoriesOnTheWay() throws {
        let directory = try TemporaryDirectory()
        try Files.createDirectory(directory.file("a/b//c/"))
        #expect(try Files.kind(directory.file("a/b/c")) == .directory)
        try Files.createDirectory(directory.file("a/b/c"))
        let file = try directory.write("file", "")
        #expect(throws: FileError.self) { try Files.createDirectory(file) }
        #expect(throws: FileError.self) { try Files.createDirectory(file + "/below") }
        #expect(throws: FileError.self) { try Files.createDirectory("") }
    }

    @Test func removesFilesOnce() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("a", "")
        try Files.remove(path)
        try Files.remove(path)
        #expect(try Files.kind(path) == nil)
        #expect(throws: FileError.self) { try Files.remove(directory.path) }
    }

    @Test(arguments: ["link", "link/", "link//"])
    func removesTreesWithoutFollowingLinks(_ name: String) throws {
        let directory = try TemporaryDirectory()
        try Files.createDirectory(directory.file("kept"))
        _ = try directory.write("kept/a", "x")
        try Files.replaceLink(directory.file("link"), target: "kept")
        try Files.removeTree(directory.file(name))
        #expect(try Files.list(directory.path) == ["kept"])
        #expect(try text(directory.file("kept/a")) == "x")

        try Files.createDirectory(directory.file("tree/deep"))
        _ = try directory.write("tree/deep/a", "x")
        try Files.replaceLink(directory.file("tree/link"), target: "../kept")
        try Files.removeTree(directory.file("tree"))
        try Files.removeTree(directory.file("tree"))
        #expect(try Files.list(directory.path) == ["kept"])
        #expect(try text(directory.file("kept/a")) == "x")
    }

    @Test func replacesLinks() throws {
        let directory = try TemporaryDirectory()
        let link = directory.file("latest")
        try Files.replaceLink(link, target: "step-1")
        #expect(try Files.linkTarget(link) == "step-1")
        #expect(try Files.kind(link) == nil)  // it points at nothing
        try Files.replaceLink(link, target: "step-2")
        #expect(try Files.linkTarget(link) == "step-2")
        #expect(try Files.list(directory.path) == ["latest"])
    }

    @Test func replacesNothingButLinks() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("file", "kept")
        #expect(throws: FileError.self) { try Files.replaceLink(file, target: "x") }
        #expect(try text(file) == "kept")
        #expect(throws: FileError.self) { try Files.replaceLink(directory.path, target: "x") }
        #expect(throws: FileError.self) { try Files.replaceLink("", target: "x") }
        #expect(throws: FileError.self) {
            try Files.replaceLink(directory.file("new/"), target: "x")
        }
        #expect(try Files.list(directory.path) == ["file"])
        #expect(try Files.linkTarget(file) == nil)
    }

    @Test func renamesOverAnOldFile() throws {
        let directory = try TemporaryDirectory()
        let old = try directory.write("old", "1")
        let new = try directory.write("new", "2")
        try Files.rename(old, to: new)
        #expect(try text(new) == "1")
        let error = #expect(throws: FileError.self) { try Files.rename(old, to: new) }
        #expect(error?.location == new)
    }

    @Test(arguments: [
        ("a/b", "a", "b"), ("b", ".", "b"), ("/b", "/", "b"), ("/", "/", "/"), ("a/b/", "a", "b"),
        ("a//", ".", "a"), ("//", "/", "//"), ("", ".", ""), ("/a/b/c", "/a/b", "c"),
        // A name that begins with a combining mark, which joins the slash to one Character.
        ("a/\u{301}b", "a", "\u{301}b"),
    ])
    func splitsPaths(_ path: String, _ parent: String, _ name: String) {
        #expect(Paths.parent(path) == parent)
        #expect(Paths.name(path) == name)
    }

    @Test func resolvesWhatIsNotThereYet() throws {
        let directory = try TemporaryDirectory()
        try Files.createDirectory(directory.file("b"))
        try Files.replaceLink(directory.file("a"), target: "b")
        let top = try Files.resolved(directory.path)
        #expect(top.utf8.first == UInt8(ascii: "/"))
        for (path, expected) in [
            ("a", "b"), ("a/", "b"), ("a/c", "b/c"), ("a/c/../d", "b/d"), ("a/c/./d/", "b/c/d"),
            ("a/..", ""),
        ] {
            let found = try Files.resolved(directory.file(path))
            #expect(found == (expected.isEmpty ? top : Paths.join(top, expected)), "\(path)")
        }
        #expect(
            try Files.resolved("none-of-that") == Paths.join(Files.resolved("."), "none-of-that"))
    }

    @Test func joinsPaths() {
        #expect(Paths.join("a", "b") == "a/b")
        #expect(Paths.join("a/", "b") == "a/b")
        #expect(Paths.join("/", "b") == "/b")
    }
}
