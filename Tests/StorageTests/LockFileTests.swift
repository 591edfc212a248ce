import CLibrary
import TestSupport
import Testing

@testable import Storage

@Suite struct LockFileTests {
    @Test func isHeldByOneAndGoneAfterwards() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("lock")
        do {
            let lock = try #require(try LockFile.hold(path))
            #expect(try LockFile.hold(path) == nil)
            #expect(try Files.list(directory.path) == ["lock"])
            try lock.release()
            #expect(try Files.list(directory.path) == [])
            // Another's, which the first must not remove.
            let next = try #require(try LockFile.hold(path))
            try lock.release()
            #expect(try LockFile.hold(path) == nil)
            withExtendedLifetime((lock, next)) {}
        }
        #expect(try Files.list(directory.path) == [])
    }

    @Test func onlyItsOwnerMayOpenIt() throws {
        let directory = try TemporaryDirectory()
        let lock = try #require(try LockFile.hold(directory.file("lock")))
        var status = stat()
        #expect(stat(directory.file("lock"), &status) == 0 && status.st_mode & 0o777 == 0o600)
        withExtendedLifetime(lock) {}
    }

    @Test func whatAKilledProcessLeftIsTaken() throws {
        let directory = try TemporaryDirectory()
        try directory.write("lock", "")
        #expect(try LockFile.hold(directory.file("lock")) != nil)
        #expect(try Files.list(directory.path) == [])
    }

    @Test func aLinkIsNotFollowed() throws {
        let directory = try TemporaryDirectory()
        try Files.replaceLink(directory.file("lock"), target: "elsewhere")
        #expect(throws: FileError.self) { try LockFile.hold(directory.file("lock")) }
        #expect(try Files.list(directory.path) == ["lock"])
    }
}
