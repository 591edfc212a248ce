import CLibrary
import Diagnostics

/// A file or directory that could not be read or written.
public struct FileError: UserError, Equatable {
    /// The path of the file or directory.
    public let location: String
    /// What was found there.
    public let finding: String
    /// What to do about it.
    public let remedy: String
    /// Whether the path names nothing.
    public var isMissing: Bool { code.map(Files.isMissing) ?? false }
    /// The system's number of the error; nil where no system call failed.
    let code: Int32?

    /// Makes an error of a path that no system call gave.
    public init(_ path: String, _ finding: String, remedy: String) {
        self.init(path, finding, remedy: remedy, code: nil)
    }

    private init(_ path: String, _ finding: String, remedy: String, code: Int32?) {
        self.location = path.isEmpty ? "''" : path
        self.finding = finding
        self.remedy = remedy
        self.code = code
    }

    /// Whether the system denies the access.
    public var isDenied: Bool { code == EACCES || code == EPERM }

    /// Whether symbolic links lead in a circle.
    public var isLinkCycle: Bool { code == ELOOP }

    /// The error of a failed system call on `path`, from `errno`.
    static func system(_ path: String, _ action: String, _ code: Int32 = errno) -> FileError {
        FileError(
            path, "\(action): \(systemMessage(code))", remedy: remedy(for: code), code: code)
    }

    /// The error of a file that was opened so that a symbolic link of its name is not followed.
    static func notOpened(_ path: String, _ action: String) -> FileError {
        let code = errno
        guard code == ELOOP, (try? Files.linkTarget(path)) != nil else {
            return .system(path, action, code)
        }
        return FileError(
            path, "\(action): it is a symbolic link",
            remedy: "remove the link, or name another path")
    }

    /// The error of a path that cannot name a file by its form alone.
    static func noFileName(_ path: String) -> FileError {
        FileError(path, "names no file", remedy: "add a file name to the path")
    }

    private static func systemMessage(_ code: Int32) -> String {
        String(cString: strerror(code)).lowercased()
    }

    private static func remedy(for code: Int32) -> String {
        switch code {
        case ENOENT: "check the path"
        case EACCES, EPERM: "check the permissions"
        case EROFS: "choose a place that can be written"
        case ENOSPC, EDQUOT: "free some space and run again"
        case EFBIG:
            "raise the limit of file sizes (ulimit -f), or choose a disk that takes larger files"
        case EISDIR: "name a file, not a directory"
        case ENOTDIR: "a part of the path is a file; check the path"
        case EMFILE, ENFILE: "raise the limit of open files (ulimit -n)"
        case ELOOP: "the symbolic links form a cycle; check the path"
        case ENAMETOOLONG: "shorten the path"
        case EIO: "the device reports an error; check the disk"
        default: "check the file and run again"
        }
    }
}
