import CLibrary
import Diagnostics

/// A file being written from its start on, or at its end.
///
/// A symbolic link of its name is refused, so that nothing is written to where a link leads: names are made
/// up from directories that may have come from elsewhere. So is anything that is no regular file; opening a pipe
/// does not wait for a reader.
public final class OutputFile {
    /// The path of the file.
    public let path: String
    private var descriptor: Int32

    private init(_ path: String, flags: Int32) throws(FileError) {
        let always = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        descriptor = open(path, always | flags, 0o666)
        self.path = path
        guard descriptor >= 0 else {
            // It is a pipe without a reader.
            if errno == ENXIO { throw Self.notAFile(path) }
            throw .notOpened(path, "cannot write")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(path, "cannot write") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Self.notAFile(path) }
    }

    /// Opens a file to add at its end, making it where it is missing.
    /// - Throws: ``FileError`` when it cannot be opened, or is no regular file.
    public convenience init(appendingTo path: String) throws(FileError) {
        try self.init(path, flags: O_APPEND)
    }

    /// Makes a file for this writer alone. What has its name is removed first, never written to: it may be a leftover
    /// of a killed process, or a link that somebody put there.
    /// - Throws: ``FileError`` when it cannot be made.
    public convenience init(replacing path: String) throws(FileError) {
        try Files.remove(path)
        try self.init(path, flags: O_EXCL)
    }

    private static func notAFile(_ path: String) -> FileError {
        FileError(path, "cannot write: it is a device or a pipe", remedy: "name a file")
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Writes all bytes.
    /// - Throws: ``FileError`` when they cannot be written.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        let code = writeWhole(bytes, to: descriptor)
        if code != 0 { throw .system(path, "cannot write", code) }
    }

    /// Writes all bytes.
    /// - Throws: ``FileError`` when they cannot be written.
    public func write(_ bytes: [UInt8]) throws(FileError) {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(FileError) in try write(buffer) }
        }
        try result.get()
    }

    /// Writes a text as UTF-8.
    /// - Throws: ``FileError`` when it cannot be written.
    public func write(_ text: String) throws(FileError) {
        try write(Array(text.utf8))
    }

    /// Goes to the start of a file that ``init(replacing:)`` made: what is written next replaces its first bytes.
    /// - Throws: ``FileError`` when the system cannot do so.
    func rewind() throws(FileError) {
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw .system(path, "cannot write") }
    }

    /// Drops what the file holds after its first `bytes` bytes.
    /// - Throws: ``FileError`` when it cannot be cut.
    public func cut(to bytes: Int) throws(FileError) {
        while ftruncate(descriptor, off_t(bytes)) != 0 {
            if errno != EINTR { throw .system(path, "cannot cut to \(bytes) bytes") }
        }
    }

    /// Makes what was written durable.
    /// - Throws: ``FileError`` when the system cannot do so.
    public func sync() throws(FileError) {
        if Files.synchronize(descriptor) != 0 { throw .system(path, "cannot sync") }
    }

    /// Makes the content durable and closes the file.
    func finish() throws(FileError) {
        try sync()
        let closing = descriptor
        descriptor = -1
        // A close that is interrupted closes the file all the same.
        if close(closing) != 0 && errno != EINTR { throw .system(path, "cannot close") }
    }
}

/// A file that appears under its name whole or not at all.
///
/// The bytes go to a temporary name beside the target; ``commit()`` makes them durable, renames and
/// syncs the directory. Without a commit the temporary file is removed. A symbolic link of the target's
/// name is replaced, not followed. Two writers of one name at the same time are not kept apart.
public final class AtomicFile {
    /// The ending of temporary names.
    public static let suffix = ".partial"

    /// The path that the file has after ``commit()``.
    public let path: String
    private let output: OutputFile
    private var committed = false

    /// Begins a file.
    /// - Throws: ``FileError`` when the file cannot be made, or `path` can name no file: better now than
    ///   after hours of writing.
    public init(_ path: String) throws(FileError) {
        guard Paths.mayNameFile(path) else { throw .noFileName(path) }
        switch try Files.kind(path) {
        case .directory: throw .system(path, "cannot write", EISDIR)
        case .other:
            throw FileError(
                path, "is a device or a pipe, which a file would replace", remedy: "name a file")
        case .file, nil: break
        }
        self.path = path
        output = try OutputFile(replacing: path + Self.suffix)
    }

    deinit { if !committed { unlink(path + Self.suffix) } }

    /// Writes all bytes.
    /// - Throws: ``FileError`` when they cannot be written.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        try output.write(bytes)
    }

    /// Writes all bytes.
    /// - Throws: ``FileError`` when they cannot be written.
    public func write(_ bytes: [UInt8]) throws(FileError) {
        try output.write(bytes)
    }

    /// Goes to the start: what is written next replaces the first bytes.
    /// - Throws: ``FileError`` when the system cannot do so.
    public func rewind() throws(FileError) { try output.rewind() }

    /// Makes the content durable under the file's own name.
    /// - Throws: ``FileError`` when the system cannot do so.
    public func commit() throws(FileError) {
        try output.finish()
        try Files.rename(path + Self.suffix, to: path)
        committed = true
        try Files.syncDirectory(Paths.parent(path))
    }

    /// Writes a whole small file in one call.
    /// - Throws: ``FileError`` when it cannot be written.
    public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        let file = try AtomicFile(path)
        try file.write(bytes)
        try file.commit()
    }
}
