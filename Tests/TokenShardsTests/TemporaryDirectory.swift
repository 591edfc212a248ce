import Storage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// A directory of its own for a test, removed with all it holds at the end of its life.
final class TemporaryDirectory {
    let path: String

    init() throws {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? ".build/test-files"
        try Files.createDirectory(base)
        path = Paths.join(base, "tokens-\(UInt64.random(in: 0 ... .max))")
        try Files.createDirectory(path)
    }

    deinit { try? Files.removeTree(path) }

    func path(_ name: String) -> String { Paths.join(path, name) }

    /// Writes a file, making the directories it is in, and returns its path.
    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Files.createDirectory(Paths.parent(path(name)))
        try AtomicFile.write(bytes, to: path(name))
        return path(name)
    }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try write(name, Array(text.utf8))
    }
}

/// Runs a program of the machine; nil where there is none of that name.
func runProgram(_ words: [String]) -> Int32? {
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    defer { for argument in arguments { free(argument) } }
    arguments.append(nil)
    var process = pid_t()
    guard posix_spawnp(&process, words[0], nil, nil, arguments, environ) == 0 else { return nil }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return status
}
