#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// A directory that one process at a time works in.
///
/// An advisory lock, held for as long as this object lives; the system ends it with the process, however that ends.
public final class DirectoryLock: Sendable {
    public static let fileName = "lock"

    private let descriptor: Int32

    /// Locks the file `lock` in a directory. The empty file stays: if it were removed, one process could lock the old
    /// file and another a new one. Nil when another process has the lock.
    /// - Throws: ``FileError`` when the file cannot be made or locked.
    public init?(_ directory: String) throws(FileError) {
        let path = Paths.join(directory, Self.fileName)
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else { throw .notOpened(path, "cannot write") }
        switch Self.tryLock(descriptor) {
        case 0: break
        case EWOULDBLOCK: return nil
        case let code: throw .system(path, "cannot lock", code)
        }
    }

    /// Locks a directory itself, and leaves nothing in it: for one that is made, given to others and perhaps removed
    /// again. Nil when another process has the lock. File systems that cannot lock a directory (some over networks) let
    /// everyone in.
    /// - Throws: ``FileError`` when there is no such directory.
    public init?(of directory: String) throws(FileError) {
        descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(directory, "cannot open") }
        if Self.tryLock(descriptor) == EWOULDBLOCK { return nil }
    }

    /// Whether `path` still names what is locked.
    public func isOf(_ path: String) -> Bool {
        var own = stat()
        var named = stat()
        return fstat(descriptor, &own) == 0 && stat(path, &named) == 0
            && own.st_dev == named.st_dev && own.st_ino == named.st_ino
    }

    /// 0, or the number of the error.
    private static func tryLock(_ descriptor: Int32) -> Int32 {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno != EINTR { return errno }
        }
        return 0
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
