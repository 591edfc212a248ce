import ArgumentParser
import CommandSupport
import Diagnostics
import Storage
import TokenShards

struct Tokenize: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Turn texts into token shards for training.",
        discussion: """
            An INPUT is a file, a directory (all files in it, in the order of the bytes of their \
            paths), or - for standard input. Text that is compressed with gzip or zstd is \
            recognised by its content. A document is a file, or a part of a file between NUL bytes.

            What is no text (archives, tables, images, other compression) is refused where it is \
            named. In a directory it is skipped, and so are hidden files, broken links, links to \
            directories and token shards; what was skipped is said at the end.

            DIR then holds train-00000.tokens.zst and so on, validation-00000.tokens.zst and so \
            on, and index.json. It appears complete or not at all.

            EXAMPLES
              tokenize corpus.txt --output shards
              tokenize books/ more.txt.zst --output shards --validation-fraction 0.01
              tokenize train.txt --validation-input valid.txt --output shards --force
              xz -dc books.xz | tokenize - --output shards
              tokenize windows.txt --encoding utf-16 --output shards
            """,
        version: toolkitVersion)

    enum Tokenizer: String, ExpressibleByArgument, CaseIterable { case bytes }

    @Argument(help: "Files and directories of text, or - for standard input.")
    var input: [String]

    @Option(help: ArgumentHelp("Directory to make.", valueName: "dir"))
    var output: String

    @Option(help: "How text becomes tokens: a token a byte.")
    var tokenizer = Tokenizer.bytes

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Texts for the validation split, as INPUT.", valueName: "path"))
    var validationInput: [String] = []

    @Option(
        help: ArgumentHelp(
            "Share of the tokens, at their end, for the validation split: 0.01 is one in 100.",
            valueName: "f"))
    var validationFraction: String?

    @OptionGroup var text: TextOptions

    @Flag(help: "Fail where something in a directory would be skipped.")
    var strict = false

    @Option(help: ArgumentHelp("Most tokens in a shard.", valueName: "n"))
    var shardTokens = ShardLayout.default.shardTokens

    @Option(
        help: ArgumentHelp(
            "Most tokens in a frame, which is what is decoded to read any of its tokens.",
            valueName: "n"))
    var frameTokens = ShardLayout.default.frameTokens

    @Option(help: ArgumentHelp("zstd compression level.", valueName: "n"))
    var level = ShardLayout.default.level

    @Flag(help: "Replace the shards and the index in a directory that is not empty.")
    var force = false

    mutating func execute() throws -> Int32 {
        try ArgumentText.requireUTF8()
        let plan = try makePlan()
        try guardInputs()
        Interruption.block()
        let dataset = try StagedDataset(output, replacing: force)
        try Interruption.watch(dataset)
        do {
            try write(plan, to: dataset)
        } catch {
            dataset.abandon()
            if let code = Interruption.exitCode { return code }
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
        let plan = CorpusPlan(
            inputs: input, validation: try validation(), layout: layout, encoding: text.encoding,
            isStrict: strict)
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
                flag: flag, finding: "'\(validationFraction)' is no decimal number between 0 and 1",
                remedy: "give a number such as 0.01")
        }
        return .fraction(fraction)
    }

    private func write(_ plan: CorpusPlan, to dataset: StagedDataset) throws {
        let line = ProgressLine { [output] in try? plan.totalBytes(excluding: output) }
        var tokenizer = CorpusTokenizer(plan, into: dataset) { line.show($0) }
        let result = Result { try tokenizer.run() }
        line.clear()
        let (index, progress) = try result.get()
        if let warning = Summary.doubtful(progress.doubtful) { printWarning(warning) }
        if let skipped = Summary.skipped(progress.skipped) {
            writeToStandardError(skipped.asPlainLine + "\n")
        }
        print(Summary.text(of: index, in: output, textBytes: progress.textBytes))
        print(Summary.next(output))
    }
}
