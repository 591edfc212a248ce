import ArgumentParser

/// The version that every command prints for `--version`.
let toolkitVersion = "0.1.0"

/// A command of the toolkit. ``CommandProcess`` parses its flags, runs it, and prints every error in one form.
protocol ToolCommand: ParsableCommand {
    /// Does the work of the command.
    /// - Returns: The exit code.
    mutating func execute() throws -> Int32
}
