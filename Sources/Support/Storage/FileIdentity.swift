import CLibrary

/// The identity of a file or directory: two paths with the same device and number there name the same one.
public struct FileIdentity: Hashable, Sendable {
    private let device: dev_t
    private let number: ino_t

    /// The identity of what `path` names, links followed; nil where it names nothing.
    /// - Throws: ``FileError`` when the system cannot say.
    public init?(_ path: String) throws(FileError) {
        guard let status = try Files.status(path) else { return nil }
        self.init(status)
    }

    /// The identity of what standard input reads; nil unless that is a file.
    public static var standardInput: FileIdentity? {
        var status = stat()
        guard fstat(0, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return FileIdentity(status)
    }

    init(_ status: stat) {
        device = status.st_dev
        number = status.st_ino
    }
}
