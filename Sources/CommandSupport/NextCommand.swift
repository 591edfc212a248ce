import Diagnostics
import Storage

/// What to type after a command that ended well.
public enum NextCommand {
    /// A line to paste: another command of the toolkit, called as this one was.
    ///
    /// Worked example: `.build/debug/storybook` may say `next: .build/debug/tokenize a.txt --output a`.
    public static func line(_ command: String, _ arguments: [String]) -> String {
        let own = CommandLine.arguments.first ?? ""
        let isPath = own.utf8.contains(UInt8(ascii: "/"))
        let program = isPath ? Paths.join(Paths.parent(own), command) : command
        let words = ([program] + arguments).map(\.asShellWord)
        return "next: \(words.joined(separator: " "))".asPlainLine
    }
}
