import CLibrary
import Storage

/// How a command ended and what it wrote.
struct CommandResult: Sendable {
    /// The exit code; 128 + the signal, as a shell says it, for a command that a signal ended.
    let code: Int32
    /// Whether a signal ended it, a crash for example, instead of the command itself.
    let wasKilled: Bool
    let output: [UInt8]
    /// All of standard error.
    let standardError: String

    /// What standard error has besides ``progress``.
    var errors: String { lines { !Self.isProgress($0) } }
    /// The lines in which `pretrain` tells how far it is.
    var progress: String { lines(Self.isProgress) }

    private func lines(_ isWanted: (Substring) -> Bool) -> String {
        let lines = standardError.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.filter(isWanted).joined(separator: "\n")
    }

    private static func isProgress(_ line: Substring) -> Bool {
        line.contains(#/^[^ ]+: config .+; model .+; text /#)
            || line.contains(#/^step \d+/\d+  train /#)
            || line.contains(#/: (writing \d+ bytes of stories|waiting for another process)/#)
    }

    var text: String { String(decoding: output, as: UTF8.self) }
}

/// A program that runs in a workspace, its output going to files beside that.
final class CommandRun {
    private let process: pid_t
    private let workspace: Workspace
    private let number: Int

    struct CannotStart: Error { let code: Int32 }
    struct TooSlow: Error { let seconds: Int }

    /// - Parameters:
    ///   - words: the program's path and its arguments, as bytes that need not be UTF-8.
    ///   - shell: what the shell does before it becomes the program.
    ///   - input: a file for standard input.
    ///   - output: a file for standard output, instead of one that is read into the result.
    ///   - errors: the same for standard error.
    init(
        _ words: [[UInt8]], in workspace: Workspace, environment: [String: String] = [:],
        input: String = "/dev/null", output: String? = nil, errors: String? = nil,
        shell: String = ":"
    ) throws {
        self.workspace = workspace
        number = workspace.nextRun()
        var actions = FileActions()
        defer { actions.destroy() }
        var attributes = Attributes()
        defer { attributes.destroy() }
        actions.open(0, input, O_RDONLY)
        let write = O_WRONLY | O_CREAT | O_TRUNC
        actions.open(1, output ?? workspace.log(number, "out"), write)
        actions.open(2, errors ?? workspace.log(number, "err"), write)
        // Changing the directory in posix_spawn itself is not everywhere to be had.
        let script = "cd \"$0\" && \(shell); exec \"$@\""
        let start = ["/bin/sh", "-c", script, workspace.path].map { Array($0.utf8) }
        let arguments = CStrings(start + words)
        let variables = CStrings(Self.variables(adding: environment))
        var process = pid_t()
        let code = posix_spawn(
            &process, "/bin/sh", &actions.actions, &attributes.attributes, arguments.pointers,
            variables.pointers)
        guard code == 0 else { throw CannotStart(code: code) }
        self.process = process
    }

    /// The environment of the tests without what changes a command's choices.
    private static func variables(adding more: [String: String]) -> [[UInt8]] {
        var lines: [[UInt8]] = more.map { Array("\($0.key)=\($0.value)".utf8) }
        for name in ["PATH", "TMPDIR", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE", "ASAN_OPTIONS"] {
            guard let value = getenv(name) else { continue }
            lines.append(Array("\(name)=\(String(cString: value))".utf8))
        }
        // A crash shall end at once, without a minute of looking for symbols.
        return lines + [Array("SWIFT_BACKTRACE=enable=no".utf8)]
    }

    func send(_ signal: Int32) { kill(process, signal) }

    /// Waits for the end and reads what was written.
    /// - Throws: ``TooSlow``, once the process is ended, when that takes too long.
    func wait(seconds: Int = 50) throws -> CommandResult {
        var status: Int32 = 0
        var slept = 0
        let interval: Int = 2000  // microseconds
        while waitpid(process, &status, WNOHANG) == 0 {
            guard slept < seconds * 1_000_000 else {
                kill(process, SIGKILL)
                waitpid(process, &status, 0)
                throw TooSlow(seconds: seconds)
            }
            usleep(useconds_t(interval))
            slept += interval
        }
        let signal = status & 0x7F
        return CommandResult(
            code: signal == 0 ? status >> 8 & 0xFF : 128 + signal, wasKilled: signal != 0,
            output: (try? Files.read(workspace.log(number, "out"), atMost: 1 << 26)) ?? [],
            standardError: String(
                decoding: (try? Files.read(workspace.log(number, "err"), atMost: 1 << 26)) ?? [],
                as: UTF8.self))
    }
}

/// What happens in the child before the program begins.
private struct FileActions {
    #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
    #else
        var actions = posix_spawn_file_actions_t()
    #endif

    init() { posix_spawn_file_actions_init(&actions) }

    mutating func destroy() { posix_spawn_file_actions_destroy(&actions) }

    mutating func open(_ descriptor: Int32, _ path: String, _ flags: Int32) {
        posix_spawn_file_actions_addopen(&actions, descriptor, path, flags, 0o666)
    }
}

/// The child blocks and ignores no signals, whatever the thread that starts it does.
private struct Attributes {
    #if canImport(Darwin)
        var attributes: posix_spawnattr_t?
    #else
        var attributes = posix_spawnattr_t()
    #endif

    init() {
        posix_spawnattr_init(&attributes)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGUSR1, SIGXCPU, SIGXFSZ] {
            sigaddset(&signals, signal)
        }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    }

    mutating func destroy() { posix_spawnattr_destroy(&attributes) }
}

/// A null-terminated list of C strings.
private final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [[UInt8]]) {
        count = strings.count
        pointers = .allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() {
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: string.count + 1)
            for (offset, byte) in string.enumerated() { copy[offset] = CChar(bitPattern: byte) }
            copy[string.count] = 0
            (pointers + index).initialize(to: copy)
        }
        (pointers + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { pointers[index]?.deallocate() }
        pointers.deallocate()
    }
}
