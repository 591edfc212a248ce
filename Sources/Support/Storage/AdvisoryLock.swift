import CLibrary

/// The lock on a file that only its owner may open, so that nobody else can keep the owner out.
///
/// It is advisory, and the system ends it with the process, however that ends.
enum AdvisoryLock {
    static let ownerOnly: mode_t = 0o600

    /// Opens the file, made where it is missing, and locks it.
    /// - Returns: Its descriptor, which holds the lock until it is closed; nil when another process has the lock.
    /// - Throws: ``FileError`` when the file cannot be made or locked.
    static func take(_ path: String) throws(FileError) -> Int32? {
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let descriptor = open(path, flags, ownerOnly)
        guard descriptor >= 0 else { throw .notOpened(path, "cannot write") }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno  // closing may change it
            if code == EINTR { continue }
            close(descriptor)
            if code == EWOULDBLOCK { return nil }
            throw .system(path, "cannot lock", code)
        }
        return descriptor
    }
}
