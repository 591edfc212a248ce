import ArgumentParser
import Evaluation
import IntegerTensor
import Storage
import TextGeneration
import TokenShards

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
            all of their bytes. A text that is compressed with gzip or zstd is decompressed, as \
            'tokenize' does; - is standard input. With --data, the split is cut into N streams of \
            equal length, which are read side by side, each from an empty state. Every token of a \
            stream but the first is scored, document separators too; a remainder of fewer than N \
            tokens is left out.

            EXAMPLES
              evaluate --checkpoint runs/stories --input story.txt
              evaluate --checkpoint runs/stories --input a.txt b.txt.gz
              evaluate --checkpoint runs/stories --input a.txt --worst 5 --best 5
              evaluate --checkpoint runs/stories --data shards
              evaluate --checkpoint runs/stories --data shards --split train --json
              evaluate --checkpoint runs/stories --input a.txt --per-token scores.txt
              xz -dc a.xz | evaluate --checkpoint runs/stories --input -
              evaluate --checkpoint model.safetensors --gate sigmoid \\
                --mlp relu --input story.txt
            """,
        version: toolkitVersion)

    @OptionGroup var source: ModelOptions

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("The texts to score, or - for standard input.", valueName: "file"))
    var input: [String] = []

    @OptionGroup var text: TextOptions

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
        let model = try TextModel.load(
            source.checkpoint, functions: source.functions, kernel: kernel)
        try guardInputs(model)
        let reports =
            switch evaluated {
            case .inputs(let paths): try paths.map { try score(input: $0, model, pool) }
            case .split(let directory, let split, let streams):
                [try score(shards: directory, split, streams, model, pool)]
            }
        show(reports, of: model)
        return 0
    }

    /// Prints the score of a text, or a table of several, and what to type next.
    private func show(_ reports: [EvaluateReport], of model: TextModel) {
        if reports.count > 1 {
            let table = EvaluateTable(model: model, reports: reports)
            print(json ? table.json.text : table.lines)
        } else if let report = reports.first, listsOnStandardOutput {
            writeToStandardError(report.lines + "\n")
        } else if let report = reports.first {
            print(json ? report.json.text : report.lines)
        }
        if !json && !listsOnStandardOutput {
            print("next: " + NextCommand.line(.sample, source.arguments))
        }
    }

    /// - Throws: `UsageError` where the list would replace what is read, or lie in a run directory.
    private func guardInputs(_ model: TextModel) throws {
        guard let perToken else { return }
        var outputs = OutputGuard()
        outputs.reads(model.path, flag: "--checkpoint")
        for input in input { outputs.reads(input, flag: "--input") }
        if let data { outputs.reads(data, flag: "--data") }
        try outputs.writes(file: perToken, flag: "--per-token")
    }

    private func score(
        input path: String, _ model: TextModel, _ pool: WorkerPool
    ) throws -> EvaluateReport {
        let input = try TextInput(InputFile.named(path), encoding: text.encoding)
        if input.isDoubtful {
            printWarning(
                "\(input.path): has many NUL bytes or control characters; check whether it is text, and its "
                    + "--encoding")
        }
        let stream = TextTokens(input)
        let scorer = try CleanScorer(model: model.prepared, pool: pool, streams: 1)
        let passages = PassageList(worst: worst ?? 0, best: best ?? 0)
        let heard = HeardTokens(stream, for: passages)
        var report = try report(model, stream.name, total: stream.expectedCount) { visit in
            try scorer.scoreEach(heard) { done, newest in
                heard.take(newest)
                try visit(done, newest)
            }
        }
        passages.finish()
        report.passages = passages
        return report
    }

    private func score(
        shards directory: String, _ split: Split, _ streams: Int?, _ model: TextModel,
        _ pool: WorkerPool
    ) throws -> EvaluateReport {
        let source = ShardTokens(try ShardSet(directory: directory), split: split)
        let streams = streams ?? EvaluatedText.defaultStreams(tokens: source.count)
        let scorer = try CleanScorer(model: model.prepared, pool: pool, streams: streams)
        try scorer.requireMemory(tokens: source.count)
        return try report(model, source.name, total: source.count) { visit in
            guard perToken == nil else { return try scorer.scoreEach(source, visit: visit) }
            return try scorer.score(source) { try visit($0, []) }
        }
    }

    /// Scores with progress and, where they are asked for, the log-likelihoods of the tokens.
    /// - Parameter score: Is given what to call with the number of tokens scored so far and the newest
    ///   log-likelihoods.
    private func report(
        _ model: TextModel, _ name: String, total: Int?,
        by score: ((Int, [Int32]) throws -> Void) throws -> TextScore
    ) throws -> EvaluateReport {
        let list = try perToken.map { path in try LikelihoodList(path) }
        let progress = EvaluateProgress(totalBytes: total)
        // What comes after it begins on a line of its own, an error too.
        defer { progress.finish() }
        let start = ContinuousClock.now
        let scored = try score { done, likelihoods in
            try list?.append(likelihoods)
            progress.show(done)
        }
        try list?.commit()
        return EvaluateReport(
            model: model, text: name, score: scored, elapsed: ContinuousClock.now - start)
    }
}
