import Storage

/// Keeps what a command reads from being written over, and run directories from everything but `pretrain`.
///
/// A command says what it reads and then what it writes, before it opens anything for writing. Two paths name the same file
/// where device and number are the same, so symbolic and hard links are seen through. `-`, standard input or output, may be
/// said like any path.
struct OutputGuard {
    /// What a command reads or writes, and the flag that names it.
    private struct Named {
        let path: String
        let flag: String
    }

    private var inputs: [Named] = []
    private var outputs: [Named] = []
    /// A directory that the command does not read, though it lies in one that it reads.
    private var unread: FileIdentity?

    init() {}

    /// Takes note of a file that the command reads, or of a directory with all that is in it.
    mutating func reads(_ path: String, flag: String) {
        inputs.append(Named(path: path, flag: flag))
    }

    /// Checks a file that will be written, and takes note of it.
    /// - Throws: ``UsageError`` where it is an input or another output, or lies in a run directory.
    mutating func writes(file path: String, flag: String) throws {
        guard path != InputFile.standardName else { return }
        try refuseRun(holding: Paths.parent(path), path, flag)
        // A link of that name is replaced by the file, but who gave it may have meant the file that it leads to.
        try refuseRun(holding: Paths.parent(try Files.resolved(path)), path, flag)
        let places = try Self.places(path)
        for other in outputs where try !places.isDisjoint(with: Self.places(other.path)) {
            throw UsageError(
                flag: flag, finding: "is the same file as \(other.flag)",
                remedy: "name another file")
        }
        try refuseInputs(path, flag)
        outputs.append(Named(path: path, flag: flag))
    }

    /// Checks a directory that files will be written into. A directory that is read may hold it: the command passes it over.
    /// - Parameter replaces: whether the command may replace a file of that name in it.
    /// - Throws: ``UsageError`` where it is an input or lies in a run directory, or a file that may be replaced is an input.
    mutating func writes(
        directory path: String, flag: String, replaces: (_ name: String) -> Bool
    ) throws {
        try refuseRun(holding: path, path, flag)
        guard let identity = try FileIdentity(path) else { return }
        if let input = inputs.first(where: { Self.identity($0.path) == identity }) {
            throw UsageError(
                flag: flag, finding: "'\(path)' is both the output and what \(input.flag) reads",
                remedy: "name another directory")
        }
        guard try Files.kind(path) == .directory else { return }
        unread = identity
        for name in try Files.list(path) where replaces(name) {
            try refuseInputs(Paths.join(path, name), flag)
        }
    }

    // MARK: Inputs

    /// - Throws: ``UsageError`` where the file, or the one under whose name it begins, is an input.
    private func refuseInputs(_ output: String, _ flag: String) throws {
        for name in [output, output + AtomicFile.suffix] {
            guard let identity = try FileIdentity(name) else { continue }
            for input in inputs {
                guard let found = path(of: identity, in: input.path) else { continue }
                let place = found == InputFile.standardName ? "standard input" : "'\(found)'"
                let what = name == output ? "'\(name)'" : "'\(name)', where it is written first,"
                throw UsageError(
                    flag: flag, finding: "\(what) is the file \(place) that \(input.flag) reads",
                    remedy: "name another file")
            }
        }
    }

    /// The file of that identity which is `path` or lies in it, or nil. What cannot be listed cannot be read either.
    private func path(of identity: FileIdentity, in path: String) -> String? {
        if Self.identity(path) == identity { return path }
        guard (try? Files.kind(path)) == .directory,
            unread == nil || (try? FileIdentity(path)) != unread
        else { return nil }
        for name in (try? Files.list(path)) ?? [] {
            let inner = Paths.join(path, name)
            // Links to directories within a directory are not followed, so that no cycle can arise.
            let isLinked =
                (try? Files.linkTarget(inner)) != nil && (try? Files.kind(inner)) == .directory
            if !isLinked, let found = self.path(of: identity, in: inner) { return found }
        }
        return nil
    }

    private static func identity(_ path: String) -> FileIdentity? {
        path == InputFile.standardName ? .standardInput : (try? FileIdentity(path)) ?? nil
    }

    // MARK: Outputs

    /// The places that writing `path` touches: its own and that of its temporary name.
    private static func places(_ path: String) throws -> Set<String> {
        let directory = try Files.resolved(Paths.parent(path))
        let place = Paths.join(directory, Paths.name(path))
        return [place, place + AtomicFile.suffix, try Files.resolved(path)]
    }

    /// - Throws: ``UsageError`` where `directory` is a run or lies in one.
    private func refuseRun(holding directory: String, _ output: String, _ flag: String) throws {
        var place = try Files.resolved(directory)
        while true {
            // What this user may not look at is no run of this user's: others keep a config.yaml too.
            if (try? RunFiles.isRun(place)) == true {
                throw UsageError(
                    flag: flag,
                    finding: "'\(output)' lies in the run directory '\(place)',"
                        + " where only pretrain writes",
                    remedy: "choose another place")
            }
            let parent = Paths.parent(place)
            if parent == place { return }
            place = parent
        }
    }
}
