import Storage

/// Programs in Python, for what other tools say of the toolkit's files.
enum Python {
    /// Whether `python3` is there and imports all of these modules.
    static func has(_ modules: String...) -> Bool {
        let imports = "import " + modules.joined(separator: ", ")
        return (try? run(["-c", imports], in: Workspace()))?.code == 0
    }

    /// Runs `python3` in a workspace.
    static func run(_ arguments: [String], in workspace: Workspace) throws -> CommandResult {
        let words = ["/usr/bin/env", "python3"] + arguments
        return try CommandRun(words.map { Array($0.utf8) }, in: workspace).wait()
    }
}
