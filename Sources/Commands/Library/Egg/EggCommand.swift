import ArgumentParser

/// The help of `egg`, and what it says where none of its commands is run.
struct EggCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: Egg.name,
        abstract: "Pretrain a recurrent language model with integers only.",
        discussion: """
            tokenize turns a text into token shards, pretrain trains a model on them, sample writes \
            text with the model, and evaluate measures it.

            EXAMPLES
              tokenize my-texts/ --validation-fraction 0.05 --output shards
              pretrain --config run.yaml --set data.shards=shards --output runs/a
              sample --checkpoint runs/a --prompt "Once"
            """,
        version: toolkitVersion,
        subcommands: ToolkitCommand.allCases.map { $0.type })

    /// Refuses a first argument that is no command, which the parser would call unexpected.
    static func check(_ arguments: some Collection<String>) throws(UsageError) {
        guard let word = arguments.first, !word.hasPrefix("-"), word != "help",
            ToolkitCommand(rawValue: word) == nil
        else { return }
        throw usage("'\(word)' is not a command")
    }

    /// - Throws: ``UsageError``, always: no command was given.
    mutating func run() throws { throw Self.usage("no command is given") }

    private static func usage(_ finding: String) -> UsageError {
        let known = ToolkitCommand.allCases.map(\.rawValue).joined(separator: ", ")
        return UsageError(flag: Egg.name, finding: finding, remedy: "use one of \(known)")
    }
}
