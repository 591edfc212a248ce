import Diagnostics
import Storage

/// A command of the toolkit that the user may want to type next, ready to paste.
enum NextCommand {
    /// The command's line, each argument as one word of a shell.
    ///
    /// The command is called the way this one was: by `swift run` from the package's directory, by the path of its
    /// directory, or by its name, and through `egg` where this process is `egg`. A name with control characters is shown
    /// escaped: nobody can paste it, and a terminal would obey it.
    static func line(_ command: ToolkitCommand, _ arguments: [String]) -> String {
        let own = CommandLine.arguments.first ?? ""
        let called = called(command, as: own, throughEgg: Egg.isRunning)
        return ([called] + arguments.map(\.asShellWord)).joined(separator: " ").asPlainLine
    }

    /// - Parameter own: How this process was called.
    static func called(
        _ command: ToolkitCommand, as own: String, throughEgg: Bool
    ) -> String {
        // `egg` may have been installed under another name.
        let program = throughEgg ? Paths.name(own) : command.rawValue
        let subcommand = throughEgg ? " " + command.rawValue : ""
        guard own.utf8.contains(UInt8(ascii: "/")) else { return program.asShellWord + subcommand }
        let isPackage = (try? Files.kind("Package.swift")) == .file
        guard isPackage, own.contains("/.build/") || own.hasPrefix(".build/") else {
            return Paths.join(Paths.parent(own), program).asShellWord + subcommand
        }
        let release = own.contains("/release/") ? "-c release " : ""
        return "swift run " + release + program + subcommand
    }
}
