import Diagnostics
import Storage

/// A command of the toolkit that the user may want to type next, ready to paste.
public enum NextCommand {
    /// The command's line, each argument as one word of a shell.
    ///
    /// The command is called the way this one was: by `swift run` from the package's directory, by the path of its
    /// directory, or by its name. A name with control characters is shown escaped: nobody can paste it, and a terminal
    /// would obey it.
    public static func line(_ command: String, _ arguments: [String]) -> String {
        ([called(command, as: CommandLine.arguments.first ?? "")] + arguments.map(\.asShellWord))
            .joined(separator: " ").asPlainLine
    }

    static func called(_ command: String, as own: String) -> String {
        guard own.utf8.contains(UInt8(ascii: "/")) else { return command }
        let isPackage = (try? Files.kind("Package.swift")) == .file
        guard isPackage, own.contains("/.build/") || own.hasPrefix(".build/") else {
            return Paths.join(Paths.parent(own), command).asShellWord
        }
        return "swift run " + (own.contains("/release/") ? "-c release " : "") + command
    }
}
