import ArgumentParser
import Diagnostics
import Storage
import TokenShards

struct TokenizeCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Turn texts into token shards for training.",
        discussion: """
            An INPUT is a file, a directory (all files in it, ordered by the bytes of their \
            paths), or - for standard input. Text that is compressed with gzip or zstd is \
            recognised by its content. A document is a file, or a part of a file between NUL bytes.

            With --field, the inputs are JSON Lines: each line is an object, and the text under \
            that key is a document. Of a directory, the files that begin with an object are read.

            What is not text (archives, tables, images, other compression) is refused where it is \
            named. In a directory it is skipped, and so are hidden files, broken links, links to \
            directories and token shards; the command ends by saying what it skipped.

            DIR then holds index.json and the shards: train-00000.tokens.zst and so on, and \
            validation-00000.tokens.zst and so on. It appears complete or not at all.

            EXAMPLES
              tokenize corpus.txt --output shards
              tokenize books/ more.txt.zst --output shards --validation-fraction 0.01
              tokenize pile.jsonl.zst --field text --validation-fraction 0.01 \\
                --output shards
              tokenize src/ --include '*.swift' --exclude .build --output shards
              tokenize train.txt --validation-input valid.txt --output shards --force
              xz -dc books.xz | tokenize - --output shards
              tokenize windows.txt --encoding utf-16 --output shards
            """,
        version: toolkitVersion)

    enum Tokenizer: String, ExpressibleByArgument, CaseIterable { case bytes }

    @Argument(help: "Files and directories of text, or - for standard input.")
    var input: [String]

    @Option(help: ArgumentHelp("The directory to make.", valueName: "dir"))
    var output: String

    @Option(help: "How text becomes tokens: each byte is a token.")
    var tokenizer = Tokenizer.bytes

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Texts for the validation split, named as an INPUT is.", valueName: "path"))
    var validationInput: [String] = []

    @Option(
        help: ArgumentHelp(
            "The share of the tokens, taken from their end, that makes the validation split: 0.01 is one in 100. On "
                + "that split pretrain measures the model; without one it measures nothing.",
            valueName: "f"))
    var validationFraction: String?

    @OptionGroup var text: TextOptions

    @OptionGroup var records: RecordOptions

    @OptionGroup var patterns: PatternOptions

    @Flag(help: "Fail if something in a directory would be skipped.")
    var strict = false

    @Option(help: ArgumentHelp("The most tokens in a shard.", valueName: "n"))
    var shardTokens = ShardLayout.default.shardTokens

    @Option(
        help: ArgumentHelp(
            "The most tokens in a frame, which is decoded as a whole to read any of its tokens.",
            valueName: "n"))
    var frameTokens = ShardLayout.default.frameTokens

    @Option(help: ArgumentHelp("The level of the zstd compression.", valueName: "n"))
    var level = ShardLayout.default.level

    @OptionGroup var threads: ThreadOptions

    @Flag(help: "Replace the shards and the index in a directory that is not empty.")
    var force = false

    mutating func execute() throws -> Int32 {
        try ArgumentText.requireUTF8()
        let plan = try makePlan()
        try guardInputs()
        TokenizeInterruption.block()
        let dataset = try StagedDataset(output, replacing: force)
        try TokenizeInterruption.watch(dataset)
        do {
            try write(plan, to: dataset)
        } catch {
            dataset.abandon()
            if let code = TokenizeInterruption.exitCode { return code }
            throw error
        }
        return 0
    }

    /// - Throws: `UsageError` where the output would replace an input or lie in a run directory.
    private func guardInputs() throws {
        var outputs = OutputGuard()
        for path in input { outputs.reads(path, flag: "INPUT") }
        for path in validationInput { outputs.reads(path, flag: "--validation-input") }
        try outputs.writes(
            directory: output, flag: "--output", replaces: StagedDataset.replaces)
    }

    /// The flags as a plan, after checking what they may be together.
    private func makePlan() throws -> CorpusPlan {
        let layout: ShardLayout
        do throws(LayoutError) {
            layout = try ShardLayout(
                shardTokens: shardTokens, frameTokens: frameTokens, level: level)
        } catch {
            throw UsageError(
                flag: "--\(error.location)", finding: error.finding, remedy: error.remedy)
        }
        var plan = CorpusPlan(
            inputs: input, validation: try validation(), layout: layout, encoding: text.encoding,
            isStrict: strict)
        (plan.field, plan.skipsBadLines) = (try records.recordField(), records.skipBadLines)
        plan.filter = try patterns.filter()
        plan.threads = try threads.count()
        guard plan.allInputs.count(where: { $0 == InputFile.standardName }) <= 1 else {
            throw UsageError(
                flag: "INPUT", finding: "standard input is named twice",
                remedy: "pass - only once")
        }
        guard output != InputFile.standardName else {
            throw UsageError(
                flag: "--output",
                finding: "shards are several files, and cannot go to standard output",
                remedy: "name a directory")
        }
        for (flag, paths) in [
            ("INPUT", input), ("--validation-input", validationInput), ("--output", [output]),
        ] where paths.contains("") {
            throw UsageError(flag: flag, finding: "a path is empty", remedy: "give a path")
        }
        return plan
    }

    private func validation() throws(UsageError) -> CorpusPlan.Validation {
        guard let validationFraction else {
            return validationInput.isEmpty ? .none : .inputs(validationInput)
        }
        let flag = "--validation-fraction"
        guard validationInput.isEmpty else {
            throw UsageError(
                flag: flag, finding: "cannot be used together with --validation-input",
                remedy: "pass one of them")
        }
        guard let fraction = ValidationFraction(validationFraction) else {
            throw UsageError(
                flag: flag,
                finding: "'\(validationFraction)' is not a decimal number between 0 and 1",
                remedy: "give a number such as 0.01")
        }
        return .fraction(fraction)
    }

    private func write(_ plan: CorpusPlan, to dataset: StagedDataset) throws {
        let (index, progress) = try tokenize(plan, into: dataset)
        if let warning = TokenizeSummary.doubtful(progress.doubtful) { printWarning(warning) }
        if let hint = TokenizeSummary.records(progress.records) { printWarning(hint) }
        for skipped in [
            SkippedEntries.line(progress.skipped), TokenizeSummary.skipped(progress.badLines),
        ].compactMap(\.self) {
            writeToStandardError(skipped.asPlainLine + "\n")
        }
        print(TokenizeSummary.text(of: index, in: output, textBytes: progress.textBytes))
        if let read = TokenizeSummary.read(progress.read) { print(read) }
        if let lack = TokenizeSummary.validation(of: index) { print(lack) }
        print(TokenizeSummary.next(output))
    }

    private func tokenize(
        _ plan: CorpusPlan, into dataset: StagedDataset
    ) throws -> (ShardIndex, TokenizingProgress) {
        let line = TokenizeProgress { [output] in try? plan.totalBytes(excluding: output) }
        // What comes after it begins on a line of its own, an error too.
        defer { line.finish() }
        var tokenizer = CorpusTokenizer(plan, into: dataset) { line.show($0) }
        return try tokenizer.run()
    }
}
