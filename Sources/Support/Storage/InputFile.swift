import CLibrary

/// A file opened for reading, at positions of the caller's choice or from its start to its end.
///
/// Positioned reads keep no state, so several threads may make them at once.
public final class InputFile: Sendable {
    /// The path, or `standard input`.
    public let path: String
    /// The size in bytes when the file was opened; nil for a pipe or a device.
    public let size: Int?
    private let descriptor: Int32
    private let ownsDescriptor: Bool

    /// Opens a file.
    /// - Throws: ``FileError`` when the file cannot be opened, or is a directory.
    public init(_ path: String) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(path, "cannot open") }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno  // closing may change it
            close(descriptor)
            throw .system(path, "cannot open", code)
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw .system(path, "cannot read", EISDIR)
        }
        self.path = path
        self.size = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
        self.descriptor = descriptor
        self.ownsDescriptor = true
    }

    private init(standardInputNamed name: String) {
        path = name
        size = nil
        descriptor = 0
        ownsDescriptor = false
    }

    /// The name that stands for standard input, and for standard output, in the place of a path.
    public static let standardName = "-"

    /// Opens the file of that path, or takes standard input for ``standardName``.
    /// - Throws: ``FileError`` when the file cannot be opened, or is a directory.
    public static func named(_ path: String) throws(FileError) -> InputFile {
        path == standardName ? standardInput : try InputFile(path)
    }

    /// Standard input, which `readNext(into:)` reads.
    public static let standardInput = InputFile(standardInputNamed: "standard input")

    deinit { if ownsDescriptor { close(descriptor) } }

    /// Fills `buffer` from byte `offset` on; fewer bytes only at the end of the file.
    /// - Returns: The number of bytes.
    /// - Throws: ``FileError`` when it cannot be read.
    public func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(FileError) -> Int {
        var done = 0
        while done < buffer.count, let base = buffer.baseAddress {
            let count = pread(descriptor, base + done, buffer.count - done, off_t(offset + done))
            if count < 0 && errno == EINTR { continue }
            if count < 0 { throw .system(path, "cannot read at byte \(offset + done)") }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Fills `bytes` from byte `offset` on; fewer only at the end of the file.
    /// - Returns: The number of bytes.
    /// - Throws: ``FileError`` when it cannot be read.
    public func read(into bytes: inout [UInt8], at offset: Int) throws(FileError) -> Int {
        let result = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(FileError) in try read(into: buffer, at: offset) }
        }
        return try result.get()
    }

    /// Reads the next bytes of a sequential read: at most `bytes.count`, which is above 0.
    /// - Returns: The number of bytes; 0 at the end.
    /// - Throws: ``FileError`` when it cannot be read.
    public func readNext(into bytes: inout [UInt8]) throws(FileError) -> Int {
        let result = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(FileError) in try readNext(into: buffer) }
        }
        return try result.get()
    }

    /// Reads the next bytes of a sequential read into the caller's memory.
    /// - Returns: The number of bytes; 0 at the end.
    /// - Throws: ``FileError`` when it cannot be read.
    public func readNext(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        while true {
            let count = CLibrary.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { throw .system(path, "cannot read") }
        }
    }
}
