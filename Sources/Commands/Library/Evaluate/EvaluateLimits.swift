import Storage

/// What the flags of `evaluate` may not be together.
enum EvaluateLimits {
    /// - Throws: `UsageError` naming the flags that do not go together, or `FileError`.
    static func check(_ flags: EvaluateCommand) throws {
        guard !flags.json || !flags.listsOnStandardOutput else {
            throw UsageError(
                flag: "--per-token",
                finding: "the object of --json goes to standard output already",
                remedy: "name a file")
        }
        for (flag, count) in [("--worst", flags.worst), ("--best", flags.best)] {
            guard let count else { continue }
            _ = try requireRange(count, PassageList.countRange, flag: flag)
            try requireOneModel(flags, flag, "lists passages of one model")
            try requireOneText(flags, flag, "lists passages of one text")
        }
        if flags.perToken != nil {
            try requireOneModel(flags, "--per-token", "is the list of one model")
            if !flags.input.isEmpty {
                try requireOneText(flags, "--per-token", "is the list of one text")
            }
        }
        try requireOneReading(flags)
        for (flag, patterns) in [
            ("--include", flags.patterns.include), ("--exclude", flags.patterns.exclude),
        ] where !patterns.isEmpty && flags.input.isEmpty {
            throw UsageError(
                flag: flag, finding: "chooses among the files of a directory of --input",
                remedy: "name one, or leave it out")
        }
    }

    private static func requireOneModel(
        _ flags: EvaluateCommand, _ flag: String, _ what: String
    ) throws(UsageError) {
        guard flags.checkpoint.count == 1 else {
            throw UsageError(
                flag: flag,
                finding: "\(what), and there are \(flags.checkpoint.count) after --checkpoint",
                remedy: "name one --checkpoint, or leave out \(flag)")
        }
    }

    private static func requireOneText(
        _ flags: EvaluateCommand, _ flag: String, _ what: String
    ) throws {
        guard let input = flags.input.first, flags.input.count == 1 else {
            throw UsageError(
                flag: flag, finding: "\(what), and there are \(flags.input.count)",
                remedy: "name one --input")
        }
        guard try !isDirectory(input) else {
            throw UsageError(
                flag: flag, finding: "\(what), and '\(input)' of --input is a directory",
                remedy: "name a file")
        }
    }

    /// Checks that what can be read only once is not to be read again.
    private static func requireOneReading(_ flags: EvaluateCommand) throws {
        guard flags.input.count(where: { $0 == InputFile.standardName }) < 2 else {
            throw UsageError(
                flag: "--input", finding: "standard input can be read only once",
                remedy: "name - once")
        }
        guard flags.checkpoint.count > 1 else { return }
        for input in flags.input {
            let isStandard = input == InputFile.standardName
            guard try isStandard || Files.kind(input) == .other else { continue }
            throw UsageError(
                flag: "--input",
                finding: (isStandard ? "standard input" : "'\(input)', a pipe or a device,")
                    + " can be read only once, and --checkpoint names "
                    + "\(flags.checkpoint.count) models",
                remedy: "write the text to a file and name that, or name one --checkpoint")
        }
    }

    static func isDirectory(_ input: String) throws -> Bool {
        try input != InputFile.standardName && Files.kind(input) == .directory
    }
}
