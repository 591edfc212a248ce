import CLibrary
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
        #expect(error.location.hasSuffix("none/lock") && error.isMissing)
    }

    /// Whoever can open a file can lock it, and keep its owner out for ever. An earlier version let everyone.
    @Test(arguments: [false, true]) func nobodyElseMayOpenTheFile(_ isOld: Bool) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file(DirectoryLock.fileName)
        if isOld {
            try directory.write(DirectoryLock.fileName, "")
            #expect(chmod(path, 0o666) == 0)
        }
        let lock = try #require(try DirectoryLock(directory.path))
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        withExtendedLifetime(lock) {}
    }
}
