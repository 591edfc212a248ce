import Synchronization

/// The program `egg`, which has all commands of the toolkit as its subcommands.
public enum Egg {
    static let name = "egg"

    private static let isStarted = Atomic(false)

    /// Whether this process is `egg`, so that its messages name commands as `egg` calls them.
    static var isRunning: Bool { isStarted.load(ordering: .relaxed) }

    /// Runs the command that the first argument names with those that follow, and ends the process.
    public static func start() -> Never {
        isStarted.store(true, ordering: .relaxed)
        let arguments = CommandLine.arguments.dropFirst()
        let command = arguments.first.flatMap { ToolkitCommand(rawValue: $0) }
        CommandProcess.run(
            EggCommand.self, name: command.map { "\(name) \($0.rawValue)" } ?? name
        ) { () throws(UsageError) in try EggCommand.check(arguments) }
    }
}
