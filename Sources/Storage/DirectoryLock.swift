#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// A directory that one process at a time works in.
///
/// An advisory lock on the file `lock` in it, held for as long as this object lives; the system ends it
/// with the process, however that ends. The empty file stays: if it were removed, one process could lock
/// the old file and another a new one.
public final class DirectoryLock: Sendable {
    public static let fileName = "lock"

    private let descriptor: Int32

    /// Nil when another process has the lock.
    /// - Throws: ``FileError`` when the file cannot be made or locked.
    public init?(_ directory: String) throws(FileError) {
        let path = Paths.join(directory, Self.fileName)
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else { throw .notOpened(path, "cannot write") }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return nil
            default: throw .system(path, "cannot lock")
            }
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
