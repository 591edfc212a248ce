import CLibrary
import Storage

/// A directory of one test, removed with all it holds at the end of its life.
///
/// It lies in $TMPDIR, or below the package's build directory.
public final class TemporaryDirectory {
    /// The path of the directory.
    public let path: String

    /// Makes the directory.
    /// - Throws: `FileError` when it cannot be made.
    public init() throws {
        let parent =
            getenv("TMPDIR").map { String(cString: $0) } ?? PackageFiles.path(".build/test-files")
        path = Paths.join(parent, "test-\(UInt64.random(in: 0...UInt64.max))")
        try Files.createDirectory(path)
    }

    deinit { try? Files.removeTree(path) }

    /// The path of a file in the directory, which need not be there.
    public func file(_ name: String) -> String { Paths.join(path, name) }

    /// Writes a file, making the directories it is in, and returns its path.
    @discardableResult
    public func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Files.createDirectory(Paths.parent(file(name)))
        try AtomicFile.write(bytes, to: file(name))
        return file(name)
    }

    /// Writes a text file, making the directories it is in, and returns its path.
    @discardableResult
    public func write(_ name: String, _ text: String) throws -> String {
        try write(name, Array(text.utf8))
    }

    /// Writes a file without waiting for the disk: for tests that do so thousands of times.
    @discardableResult
    public func overwrite(_ name: String, _ bytes: [UInt8]) throws -> String {
        let output = try OutputFile(appendingTo: file(name))
        try output.cut(to: 0)
        try output.write(bytes)
        return file(name)
    }

    /// Makes a named pipe.
    /// - Throws: `FileError` when it cannot be made.
    public func makePipe(_ name: String) throws {
        if mkfifo(file(name), 0o600) != 0 {
            throw FileError(file(name), "cannot make a pipe", remedy: "check the file system")
        }
    }
}
