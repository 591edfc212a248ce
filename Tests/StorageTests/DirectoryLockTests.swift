import Storage
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// One holder at a time.
@Suite struct DirectoryLockTests {
    @Test func isHeldByOneAndReleasedWithIt() throws {
        let directory = try TemporaryDirectory()
        var first = try DirectoryLock(directory.path)
        #expect(first != nil)
        #expect(try DirectoryLock(directory.path) == nil)
        first = nil
        #expect(try DirectoryLock(directory.path) != nil)
        #expect(try Files.list(directory.path) == ["lock"])
    }

    @Test(arguments: [DirectoryLock.Kind.lasting, .passing])
    func needsTheDirectory(_ kind: DirectoryLock.Kind) throws {
        let directory = try TemporaryDirectory()
        let error = try #require(throws: FileError.self) {
            try DirectoryLock(Paths.join(directory.path, "none"), kind)
        }
        #expect(error.location.hasSuffix("none/\(kind.fileName)") && error.isMissing)
    }

    /// Whoever can open a file can lock it, and keep its owner out for ever.
    @Test(arguments: [DirectoryLock.Kind.lasting, .passing])
    func nobodyElseMayOpenTheFile(_ kind: DirectoryLock.Kind) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file(kind.fileName)
        // As an earlier version left it.
        if kind == .lasting {
            _ = try directory.write(kind.fileName, "")
            #expect(chmod(path, 0o666) == 0)
        }
        let lock = try #require(try DirectoryLock(directory.path, kind))
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        lock.release()
    }

    @Test func aPassingLockLeavesNothing() throws {
        let directory = try TemporaryDirectory()
        let lock = try #require(try DirectoryLock(directory.path, .passing))
        #expect(try DirectoryLock(directory.path, .passing) == nil)
        lock.release()
        lock.release()
        #expect(try Files.list(directory.path).isEmpty)
        #expect(try DirectoryLock(directory.path, .passing) != nil)
        #expect(try Files.list(directory.path).isEmpty)
    }

    /// The directory was removed and made anew by another process: its lock is left alone.
    @Test func aPassingLockOfAnotherDirectoryStays() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("work")
        try Files.createDirectory(path)
        let first = try #require(try DirectoryLock(path, .passing))
        try Files.removeTree(path)
        try Files.createDirectory(path)
        let second = try #require(try DirectoryLock(path, .passing))
        first.release()
        #expect(try Files.list(path) == [".lock"])
        #expect(try DirectoryLock(path, .passing) == nil)
        second.release()
        #expect(try Files.list(path).isEmpty)
    }
}
