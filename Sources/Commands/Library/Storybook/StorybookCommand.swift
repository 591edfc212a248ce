import ArgumentParser
import Storage
import StoryGrammar

/// Writes training text from a grammar of stories.
struct StorybookCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "storybook",
        abstract: "Write stories from a grammar, as text to train on.",
        discussion: """
            Writes whole stories with NUL bytes between them, as 'tokenize' reads them. The text \
            depends on the grammar, the seed and the limits only. It is never longer than \
            --bytes: it ends before the first story that does not fit.

            EXAMPLES
              storybook --bytes 20000000 --output Data/generated/stories.txt
              storybook --stories 3 --seed 7
              storybook --bytes 1000000 | tokenize - --output Data/generated/shards
              storybook --stories 3 --grammar - < my.grammar
            """,
        version: toolkitVersion)

    /// The grammar that comes with the repository, from its top.
    static let usualGrammar = "Data/storybook.grammar"

    @Option(help: "The greatest size of the text, in bytes.")
    var bytes: Int?

    @Option(help: "The greatest number of stories.")
    var stories: Int?

    @Option(help: "The seed of the choices, from 0 to 2^64 - 1.")
    var seed: UInt64 = 1

    @Option(help: "The grammar file, or - for standard input.")
    var grammar = Self.usualGrammar

    @Option(name: .shortAndLong, help: "The output file, or - for standard output.")
    var output = InputFile.standardName

    @Option(help: "Also write the summary as JSON to this file, or to standard output for -.")
    var report: String?

    mutating func execute() throws -> Int32 {
        try ArgumentText.requireUTF8()
        try checkLimits()
        guard try grammar == InputFile.standardName || Files.kind(grammar) != nil else {
            throw FileError(
                grammar, "there is no such grammar file",
                remedy: "run the command from the top of the repository, or name a grammar with "
                    + "--grammar")
        }
        try guardGrammar()
        let loaded = try Grammar.load(grammar)
        var book = Storybook(
            grammar: loaded, seed: seed, maximumBytes: bytes ?? .max,
            maximumStories: stories ?? .max)
        // Both are opened before the first story: an unusable path leaves nothing behind.
        let reportFile = try openReport()
        let destination = try OutputDestination(output)
        var hash = XXH64()
        while let chunk = try book.nextChunk() {
            hash.update(chunk)
            try destination.write(chunk)
        }
        guard book.statistics.stories > 0 else {
            throw UsageError(
                flag: "--bytes", finding: "the first story is longer than \(bytes ?? 0) bytes",
                remedy: "allow some thousands of bytes")
        }
        let summary = StorybookSummary(
            statistics: book.statistics, seed: seed, textHash: hash.hexDigest)
        try reportFile?.write(Array((summary.json.text + "\n").utf8))
        try destination.commit()
        try reportFile?.commit()
        writeToStandardError(summary.text)
        sayNext()
        return 0
    }

    /// - Throws: `UsageError` where an output is the grammar or the other output, or lies in a run directory.
    private func guardGrammar() throws {
        var outputs = OutputGuard()
        outputs.reads(grammar, flag: "--grammar")
        try outputs.writes(file: output, flag: "--output")
        if let report { try outputs.writes(file: report, flag: "--report") }
    }

    /// Says how the text becomes token shards; text on standard output is already on its way.
    private func sayNext() {
        guard output != InputFile.standardName else { return }
        let parts = Paths.name(output).split(separator: ".")
        var shards = output + "-shards"
        if parts.count > 1, let suffix = parts.last {
            shards = String(output.dropLast(suffix.count + 1))
        }
        let arguments = [output, "--validation-fraction", "0.05", "--output", shards]
        writeToStandardError("next: " + NextCommand.line(.tokenize, arguments) + "\n")
    }

    private func openReport() throws -> OutputDestination? {
        guard let report else { return nil }
        guard report != InputFile.standardName || output != InputFile.standardName else {
            throw UsageError(
                flag: "--report", finding: "the text goes to standard output already",
                remedy: "name another file, or another for --output")
        }
        return try OutputDestination(report)
    }

    private func checkLimits() throws {
        guard bytes != nil || stories != nil else {
            throw UsageError(
                flag: "--bytes", finding: "no limit is given",
                remedy: "say how much to write with --bytes N or --stories N")
        }
        for (flag, value) in [("--bytes", bytes), ("--stories", stories)] {
            if let value, value <= 0 {
                throw UsageError(
                    flag: flag, finding: "\(value) is not positive", remedy: "use 1 or more")
            }
        }
    }
}
