import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// A directory that one process at a time works in.
///
/// An advisory lock on a file in the directory, held for as long as this object lives; the system ends it with the
/// process, however that ends. Only its owner may open the file, so that nobody else can keep the owner out.
public final class DirectoryLock: Sendable {
    /// How long the locked file stays.
    public enum Kind: Sendable {
        /// The file `lock` stays in the directory when the lock ends.
        case lasting
        /// The file `.lock` goes when the lock ends: for a directory that is made for others.
        case passing

        public var fileName: String {
            switch self {
            case .lasting: "lock"
            case .passing: ".lock"
            }
        }
    }

    private static let ownerOnly: mode_t = 0o600

    private let path: String
    private let kind: Kind
    /// -1 once the lock was released.
    private let descriptor: Mutex<Int32>

    /// Locks a directory. Nil when another process has the lock.
    /// - Throws: ``FileError`` when the file cannot be made or locked.
    public init?(_ directory: String, _ kind: Kind = .lasting) throws(FileError) {
        path = Paths.join(directory, kind.fileName)
        self.kind = kind
        guard let locked = try Self.lock(path, kind) else { return nil }
        descriptor = Mutex(locked)
    }

    /// The descriptor of the locked file, or nil when another process has it.
    private static func lock(_ path: String, _ kind: Kind) throws(FileError) -> Int32? {
        while true {
            let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
            let descriptor = open(path, flags, ownerOnly)
            guard descriptor >= 0 else { throw .notOpened(path, "cannot write") }
            do throws(FileError) {
                guard try tryLock(descriptor, path) else {
                    close(descriptor)
                    return nil
                }
                // Another process may have removed the file between its opening and its lock.
                if try isNamed(descriptor, path) {
                    fchmod(descriptor, ownerOnly)  // an earlier version let everyone open it
                    return descriptor
                }
                close(descriptor)
            } catch {
                close(descriptor)
                throw error
            }
        }
    }

    private static func tryLock(_ descriptor: Int32, _ path: String) throws(FileError) -> Bool {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            if errno != EINTR { throw .system(path, "cannot lock") }
        }
        return true
    }

    /// Whether `path` still names the file that was opened.
    private static func isNamed(_ descriptor: Int32, _ path: String) throws(FileError) -> Bool {
        var own = stat()
        guard fstat(descriptor, &own) == 0 else { throw .system(path, "cannot look at it") }
        return try FileIdentity(path) == FileIdentity(own)
    }

    /// Ends the lock; does nothing the second time.
    public func release() {
        descriptor.withLock { descriptor in
            guard descriptor >= 0 else { return }
            // Another process may have made the directory anew, with a lock of its own.
            if kind == .passing, (try? Self.isNamed(descriptor, path)) == true { unlink(path) }
            close(descriptor)
            descriptor = -1
        }
    }

    deinit { release() }
}
