import CLibrary

/// A file that one process at a time holds, for a directory that keeps nothing of the lock afterwards.
///
/// Whoever holds the file removes it. One that a killed process left behind is taken over.
public final class LockFile: Sendable {
    private let path: String
    private let descriptor: Int32

    /// Makes and locks the file; nil when another process holds it.
    /// - Throws: ``FileError`` when it cannot be made or locked.
    public static func hold(_ path: String) throws(FileError) -> LockFile? {
        while let descriptor = try AdvisoryLock.take(path) {
            let lock = LockFile(path, descriptor)
            // The process that had it may have removed it after it was opened here: then that file locks nothing.
            if try lock.isNamed { return lock }
        }
        return nil
    }

    private init(_ path: String, _ descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
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
