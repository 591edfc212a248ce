import ArgumentParser
import Checkpoints
import Storage
import TextGeneration

struct EvaluateCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure how well a trained model predicts a text.",
        discussion: """
            PATH is a run directory (its newest checkpoint is read), a checkpoint directory or a \
            .safetensors file. A file that another tool saved again may no longer name the \
            functions of the gate, the candidate and the MLP; flags name them then. The \
            result is in bits per byte, twice: with the paper's integer tables (in steps of 1/16 \
            bit, about 0.03 bits lower), and exactly, from finer fixed point. The \
            unigram entropy beside them is what a model reaches that knows only how often each byte \
            occurs.

            With --input, every byte of the text is scored, as one stream after a leading \
            document separator; several texts are scored one by one, and listed with the score of \
            all of their bytes. A text that is compressed with gzip or zstd is decompressed, and \
            of a directory the texts in it are scored, both as 'tokenize' reads them, which skips and \
            lists what is no text; - is standard input. With --data, the split is cut into N streams of \
            equal length, which are read side by side, each from an empty state. Every token of a \
            stream but the first is scored, document separators too; a remainder of fewer than N \
            tokens is left out.

            Several models, of whatever shapes, are compared: the table then has a line for each \
            text and, for each model, a column with its exact bits per byte. --json has both \
            figures of each.

            EXAMPLES
              evaluate --checkpoint runs/stories --input story.txt
              evaluate --checkpoint runs/stories --input a.txt b.txt.gz
              evaluate --checkpoint runs/stories --input texts/ --include '*.txt'
              evaluate --checkpoint runs/a runs/b --input texts/
              evaluate --checkpoint runs/a/checkpoints/* --data shards
              evaluate --checkpoint runs/stories --input a.txt --worst 5 --best 5
              evaluate --checkpoint runs/stories --data shards
              evaluate --checkpoint runs/stories --data shards --split train --json
              evaluate --checkpoint runs/stories --input a.txt --per-token scores.txt
              xz -dc a.xz | evaluate --checkpoint runs/stories --input -
              evaluate --checkpoint model.safetensors --gate sigmoid \\
                --mlp relu --input story.txt
            """,
        version: toolkitVersion)

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("The model to read, or several to compare.", valueName: "path"))
    var checkpoint: [String]

    @OptionGroup var functions: FunctionOptions

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "The texts to score: files, directories, or - for standard input.", valueName: "path"))
    var input: [String] = []

    @OptionGroup var text: TextOptions

    @OptionGroup var patterns: PatternOptions

    @Option(help: ArgumentHelp("The directory of token shards to score.", valueName: "dir"))
    var data: String?

    @Option(
        help: ArgumentHelp("The part of --data to score: validation (the default) or train."))
    var split: String?

    @Option(
        help: ArgumentHelp(
            "The number of streams that --data is cut into; without it 64, or fewer where they would be shorter "
                + "than 4096 tokens. An --input is always one stream.",
            valueName: "n"))
    var streams: Int?

    @Option(
        help: ArgumentHelp(
            "Write the log-likelihood of each scored token to this file, in 1/16 bit, one to a line. "
                + "The split of --data is then one stream. With - they go to standard output, and the report to "
                + "standard error.",
            valueName: "file"))
    var perToken: String?

    @Option(
        help: ArgumentHelp(
            "List the N passages of 80 bytes of an --input that the model predicts worst.",
            valueName: "n"))
    var worst: Int?

    @Option(help: ArgumentHelp("List the N that it predicts best.", valueName: "n"))
    var best: Int?

    @Flag(help: "Print the report as one JSON object.")
    var json = false

    @OptionGroup var compute: ComputeOptions

    var listsOnStandardOutput: Bool { perToken == InputFile.standardName }

    mutating func execute() throws -> Int32 {
        try ArgumentText.requireUTF8()
        let evaluated = try EvaluatedText(self)
        let pool = try compute.makePool()
        let kernel = try compute.chooseKernel()
        // A misspelt path is found before anything is scored, and one model at a time is in memory.
        let files = try checkpoint.map { path in try ModelCheckpoint.locate(path) }
        try guardInputs(files)
        var scoring = try TextScoring(self, evaluated, models: files.count, pool)
        for file in files {
            try scoring.score(
                TextModel.load(file, functions: functions.named, kernel: kernel))
        }
        show(scoring)
        return 0
    }

    /// Prints the score of a text, a table of several, or one of several models, and what to type next.
    private func show(_ scoring: TextScoring) {
        let comparison = EvaluateComparison(
            names: ShortNames.of(checkpoint), tables: scoring.tables)
        if checkpoint.count > 1 {
            print(json ? comparison.json.text : comparison.lines)
        } else if scoring.isList, let table = scoring.tables.first {
            print(json ? table.json.text : table.lines)
        } else if let report = scoring.tables.first?.reports.first {
            if listsOnStandardOutput { return writeToStandardError(report.lines + "\n") }
            print(json ? report.json.text : report.lines)
        }
        if !json {
            let best = functions.arguments(checkpoint: checkpoint[comparison.best])
            print("next: " + NextCommand.line(.sample, best))
        }
    }

    /// - Throws: `UsageError` where the list would replace what is read, or lie in a run directory.
    private func guardInputs(_ models: [String]) throws {
        guard let perToken else { return }
        var outputs = OutputGuard()
        for model in models { outputs.reads(model, flag: "--checkpoint") }
        for input in input { outputs.reads(input, flag: "--input") }
        if let data { outputs.reads(data, flag: "--data") }
        try outputs.writes(file: perToken, flag: "--per-token")
    }
}
