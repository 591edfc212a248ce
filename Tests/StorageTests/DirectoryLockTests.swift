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
}
