import CLibrary

/// A directory that one process at a time works in.
///
/// The lock is on the file `lock` in the directory, held for as long as this object lives. The empty file stays;
/// ``LockFile`` is for directories that are made for others.
public final class DirectoryLock: Sendable {
    /// The name of the file that is locked.
    public static let fileName = "lock"

    private let descriptor: Int32

    /// Locks a directory; nil when another process has the lock.
    /// - Throws: ``FileError`` when the file cannot be made or locked.
    public init?(_ directory: String) throws(FileError) {
        let path = Paths.join(directory, Self.fileName)
        guard let descriptor = try AdvisoryLock.take(path) else { return nil }
        self.descriptor = descriptor
        fchmod(descriptor, AdvisoryLock.ownerOnly)  // an earlier version let everyone open it
    }

    deinit { close(descriptor) }
}
