import Storage
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// A directory of one test, removed with it.
final class TemporaryDirectory {
    let path: String
    /// Names that ``Files`` cannot remove, each ending with NUL.
    private var unreadable: [[CChar]] = []

    init(testFile: String = #filePath) throws {
        let package = Paths.parent(Paths.parent(Paths.parent(testFile)))
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "\(package)/.build/test-files"
        path = Paths.join(parent, "StorageTests-\(UInt64.random(in: 0...UInt64.max))")
        try Files.createDirectory(path)
    }

    deinit {
        for name in unreadable { unlink(name) }
        try? Files.removeTree(path)
    }

    func file(_ name: String) -> String { Paths.join(path, name) }

    /// Writes a file and gives its path.
    func file(_ name: String, holding text: String) throws -> String {
        try AtomicFile.write(Array(text.utf8), to: file(name))
        return file(name)
    }

    func makePipe(_ name: String) throws {
        try #require(mkfifo(file(name), 0o600) == 0)
    }

    /// Makes a file whose name is not UTF-8.
    func makeUnreadableName() throws {
        let name = path.utf8.map { CChar(bitPattern: $0) } + [0x2F, CChar(bitPattern: 0xFF), 0]
        let descriptor = open(name, O_WRONLY | O_CREAT, 0o600)
        try #require(descriptor >= 0)
        close(descriptor)
        unreadable.append(name)
    }
}

func text(_ path: String) throws -> String {
    String(decoding: try Files.read(path, atMost: 1 << 20), as: UTF8.self)
}
