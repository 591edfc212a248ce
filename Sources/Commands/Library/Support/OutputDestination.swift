import Storage

/// Where a command writes: a file that appears whole or not at all, or standard output, named `-`, as the bytes come.
enum OutputDestination {
    case file(AtomicFile)
    case standardOutput

    /// Makes the directory of a file where it is missing.
    init(_ path: String) throws(FileError) {
        guard path != InputFile.standardName else {
            self = .standardOutput
            return
        }
        let directory = Paths.parent(path)
        if try Files.kind(directory) == nil { try Files.createDirectory(directory) }
        self = .file(try AtomicFile(path))
    }

    /// - Throws: ``ClosedPipe``, or `FileError` when the bytes cannot be written.
    func write(_ bytes: [UInt8]) throws {
        switch self {
        case .file(let file): try file.write(bytes)
        case .standardOutput: try StandardOutput.write(bytes)
        }
    }

    /// Gives a file its name.
    func commit() throws(FileError) {
        if case .file(let file) = self { try file.commit() }
    }
}
