#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// A file that one process at a time holds, for a directory that keeps nothing of the lock afterwards.
///
/// The file is made for its owner alone, so that nobody else can hold it, and whoever holds it removes it. One that a
/// killed process left behind is taken over. An advisory lock: the system ends it with the process.
public final class LockFile: Sendable {
    private let path: String
    private let descriptor: Int32

    /// Makes and locks the file; nil when another process holds it.
    /// - Throws: ``FileError`` when it cannot be made or locked.
    public static func hold(_ path: String) throws(FileError) -> LockFile? {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw .notOpened(path, "cannot write") }
            let code = tryLock(descriptor)
            guard code == 0 else {
                close(descriptor)
                if code == EWOULDBLOCK { return nil }
                throw .system(path, "cannot lock", code)
            }
            let lock = LockFile(path, descriptor)
            // Who had it may have removed it after it was opened here: then that file locks nothing.
            if try lock.isNamed { return lock }
        }
    }

    private init(_ path: String, _ descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    /// 0, or the number of the error.
    private static func tryLock(_ descriptor: Int32) -> Int32 {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno != EINTR { return errno }
        }
        return 0
    }

    /// Whether the path still names the file that is locked.
    private var isNamed: Bool {
        get throws(FileError) {
            var own = stat()
            guard fstat(descriptor, &own) == 0 else { throw .system(path, "cannot look at it") }
            return try FileIdentity(path) == FileIdentity(own)
        }
    }

    /// Removes the file, so that others may take the lock. Does nothing the second time.
    /// - Throws: ``FileError`` when it cannot be removed; the lock is then held as long as this object lives.
    public func release() throws(FileError) {
        // While this file has its name, nobody else holds the lock, and the name is this object's to remove.
        if try isNamed { try Files.remove(path) }
    }

    deinit {
        try? release()
        close(descriptor)
    }
}
