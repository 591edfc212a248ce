import CLibrary
import Storage
import Synchronization

/// A directory of its own in which commands run, removed at the end of its life.
///
/// Paths in it may be given to commands as they are: it is their current directory.
final class Workspace: Sendable {
    /// Absolute.
    let path: String
    /// Holds `path` and the logs of runs, which are no business of the commands.
    private let root: String
    private let runs = Mutex(0)

    init() throws {
        root = Paths.join(
            try Self.temporaryDirectory, "commands-\(UInt64.random(in: 0 ... .max))")
        path = Paths.join(root, "work")
        try Files.createDirectory(path)
    }

    deinit { try? Files.removeTree(root) }

    private static var temporaryDirectory: String {
        get throws {
            let base = getenv("TMPDIR").map { String(cString: $0) } ?? ".build/test-files"
            try Files.createDirectory(base)
            guard let resolved = realpath(base, nil) else { return base }
            defer { free(resolved) }
            return String(cString: resolved)
        }
    }

    func nextRun() -> Int {
        runs.withLock {
            $0 += 1
            return $0
        }
    }

    func log(_ run: Int, _ stream: String) -> String { "\(root)/\(run).\(stream)" }

    // MARK: Files

    subscript(name: String) -> String { Paths.join(path, name) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try Files.createDirectory(Paths.parent(self[name]))
        try Files.remove(self[name])
        try OutputFile(appendingTo: self[name]).write(bytes)
    }

    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

    /// Makes a symbolic link.
    func link(_ name: String, to target: String) throws {
        try Files.createDirectory(Paths.parent(self[name]))
        try Files.replaceLink(self[name], target: target)
    }

    func read(_ name: String) throws -> [UInt8] { try Files.read(self[name], atMost: 1 << 28) }

    func lines(_ name: String) throws -> [String] {
        String(decoding: try read(name), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    func list(_ name: String) throws -> [String] { try Files.list(self[name]) }

    /// Changes a file's bytes.
    func edit(_ name: String, _ change: (inout [UInt8]) throws -> Void) throws {
        var bytes = try read(name)
        try change(&bytes)
        try write(name, bytes)
    }

    /// Replaces a text that the file must hold.
    func replace(_ name: String, _ old: String, with new: String) throws {
        let text = String(decoding: try read(name), as: UTF8.self)
        let parts = text.split(separator: old, omittingEmptySubsequences: false)
        guard parts.count > 1 else { throw NotFound(text: old) }
        try write(name, parts.joined(separator: new))
    }

    struct NotFound: Error { let text: String }

    /// Copies a directory with all it holds; symbolic links stay what they are.
    func copy(_ source: String, to name: String) throws {
        try Files.createDirectory(self[name])
        for entry in try Files.list(source) {
            let (from, to) = (Paths.join(source, entry), Paths.join(name, entry))
            if let target = try Files.linkTarget(from) {
                try link(to, to: target)
            } else if try Files.kind(from) == .directory {
                try copy(from, to: to)
            } else {
                try write(to, try Files.read(from, atMost: 1 << 28))
            }
        }
    }

    /// Every path below the workspace with what it holds: equal before and after means nothing was
    /// written.
    func snapshot() throws -> [String: String] {
        var entries: [String: String] = [:]
        func visit(_ name: String) throws {
            for entry in try list(name) {
                let inner = name == "." ? entry : Paths.join(name, entry)
                if let target = try Files.linkTarget(self[inner]) {
                    entries[inner] = "link to \(target)"
                } else if try Files.kind(self[inner]) == .directory {
                    entries[inner] = "directory"
                    try visit(inner)
                } else {
                    entries[inner] = XXH64.hex(XXH64.hash(try read(inner)))
                }
            }
        }
        try visit(".")
        return entries
    }

    // MARK: Commands

    /// Runs a command to its end.
    @discardableResult
    func run(
        _ command: BuiltCommand, _ arguments: [String], environment: [String: String] = [:],
        input: String = "/dev/null", output: String? = nil
    ) throws -> CommandResult {
        try start(
            command, arguments, environment: environment, input: input, output: output
        ).wait()
    }

    func start(
        _ command: BuiltCommand, _ arguments: [String], environment: [String: String] = [:],
        input: String = "/dev/null", output: String? = nil, errors: String? = nil
    ) throws -> CommandRun {
        let words = [try command.path] + arguments
        return try CommandRun(
            words.map { Array($0.utf8) }, in: self, environment: environment, input: input,
            output: output, errors: errors)
    }

    /// Runs a command with arguments that need not be UTF-8.
    func run(_ command: BuiltCommand, bytes arguments: [[UInt8]]) throws -> CommandResult {
        let words = [Array(try command.path.utf8)] + arguments
        return try CommandRun(words, in: self).wait()
    }

    /// Runs a command after the shell has done something, such as closing a descriptor.
    func run(
        _ command: BuiltCommand, _ arguments: [String], after shell: String
    ) throws -> CommandResult {
        let words = [try command.path] + arguments
        return try CommandRun(words.map { Array($0.utf8) }, in: self, shell: shell).wait()
    }

    /// Runs a command that may not write files of more than `blocks` · 512 bytes: a disk that is full.
    func run(
        _ command: BuiltCommand, _ arguments: [String], blocksOfFiles blocks: Int
    ) throws -> CommandResult {
        try run(command, arguments, after: "ulimit -f \(blocks)")
    }
}
