#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// A directory that one process at a time works in.
///
/// An advisory lock on the file `lock` in it, held for as long as this object lives; the system ends it with the process,
/// however that ends. Only its owner may open the file, so that nobody else can keep the owner out. The empty file stays;
/// ``LockFile`` is for directories that are made for others.
public final class DirectoryLock: Sendable {
    public static let fileName = "lock"

    private static let ownerOnly: mode_t = 0o600

    private let descriptor: Int32

    /// Locks a directory. Nil when another process has the lock.
    /// - Throws: ``FileError`` when the file cannot be made or locked.
    public init?(_ directory: String) throws(FileError) {
        let path = Paths.join(directory, Self.fileName)
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        descriptor = open(path, flags, Self.ownerOnly)
        guard descriptor >= 0 else { throw .notOpened(path, "cannot write") }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return nil }
            if errno != EINTR { throw .system(path, "cannot lock") }
        }
        fchmod(descriptor, Self.ownerOnly)  // an earlier version let everyone open it
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
