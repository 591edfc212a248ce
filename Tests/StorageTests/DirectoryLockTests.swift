import Storage
import TestSupport
import Testing

/// One holder at a time.
@Suite struct DirectoryLockTests {
    @Test func isHeldByOneAndReleasedWithIt() throws {
        let directory = try TemporaryDirectory()
        var first = try DirectoryLock(directory.path)
        #expect(first != nil)
        #expect(try DirectoryLock(directory.path) == nil)
        first = nil
        #expect(try DirectoryLock(directory.path) != nil)
        #expect(try Files.list(directory.path) == [DirectoryLock.fileName])
    }

    @Test func needsTheDirectory() throws {
        let directory = try TemporaryDirectory()
        let error = try #require(throws: FileError.self) {
            try DirectoryLock(Paths.join(directory.path, "none"))
        }
        #expect(error.location.hasSuffix("none/lock"))
    }

    /// The directory itself is locked: nothing is left in it, and it may be removed.
    @Test func ofTheDirectoryItself() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("work")
        try Files.createDirectory(path)
        do {
            let lock = try #require(try DirectoryLock(of: path))
            #expect(try DirectoryLock(of: path) == nil)
            #expect(lock.isOf(path))
            try Files.removeTree(path)
            #expect(!lock.isOf(path))
            try Files.createDirectory(path)
            #expect(!lock.isOf(path))
            #expect(try DirectoryLock(of: path)?.isOf(path) == true)
        }
        #expect(try Files.list(path).isEmpty)
        #expect(throws: FileError.self) { try DirectoryLock(of: directory.file("none")) }
    }
}
