import Storage

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

    init() throws {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? ".build/test-files"
        path = Paths.join(base, "pretraining-\(UInt64.random(in: 0 ... .max))")
        try Files.createDirectory(path)
    }

    deinit { try? Files.removeTree(path) }

    func file(_ name: String) -> String { Paths.join(path, name) }

    /// Writes a file and returns its path.
    func write(_ name: String, _ text: String) throws -> String {
        try AtomicFile.write(Array(text.utf8), to: file(name))
        return file(name)
    }
}

/// The keys that have no default.
let minimalConfig = """
    data:
      shards: shards
    model:
      hidden: 16
      layers: 2
    population:
      size: 8
      segmentTokens: 4
    run:
      steps: 10
    update:
      rule: threshold
    """
