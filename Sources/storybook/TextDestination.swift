import CommandSupport
import Storage

/// Where the text goes: a file that appears whole or not at all, or standard output as it is made.
enum TextDestination {
    case file(AtomicFile)
    case standardOutput

    /// Makes the directory of a file where it is missing.
    init(_ path: String) throws(FileError) {
        guard path != "-" else {
            self = .standardOutput
            return
        }
        let directory = Paths.parent(path)
        if try Files.kind(directory) == nil { try Files.createDirectory(directory) }
        self = .file(try AtomicFile(path))
    }

    func write(_ bytes: [UInt8]) throws {
        switch self {
        case .file(let file): try file.write(bytes)
        case .standardOutput: try StandardOutput.write(bytes)
        }
    }

    func commit() throws(FileError) {
        if case .file(let file) = self { try file.commit() }
    }
}
