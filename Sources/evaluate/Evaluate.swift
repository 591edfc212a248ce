import ArgumentParser
import CommandSupport
import Evaluation
import IntegerTensor
import TextGeneration
import TokenShards

struct Evaluate: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure how well a trained model predicts a text.",
        discussion: """
            PATH is a run directory (its newest checkpoint), a checkpoint directory or a \
            .safetensors file; one that another tool saved again may not say the functions of its \
            gate, candidate and MLP, and needs them as flags. The result is in bits a byte, twice: with the paper's integer \
            tables (1/16 bit, about 0.03 bits below), and exact from finer fixed point. The \
            unigram entropy beside them is what a model reaches that knows only how often each byte \
            occurs.

            With --input, every byte of the file is scored, as one stream after a leading \
            document separator. With --data, the split is cut into N streams of equal length that \
            are read side by side, each from an empty state; each token of a stream but its first is \
            scored, document separators as well, and a remainder of fewer than N tokens is left out.

            EXAMPLES
              evaluate --checkpoint runs/stories --input story.txt
              evaluate --checkpoint runs/stories --data shards
              evaluate --checkpoint runs/stories --data shards --split train --json
              evaluate --checkpoint runs/stories --input a.txt --per-token scores.txt
              evaluate --checkpoint model.safetensors --gate sigmoid \\
                --candidate identity --mlp relu --input story.txt
            """,
        version: toolkitVersion)

    @OptionGroup var source: ModelOptions

    @Option(help: ArgumentHelp("A text to score.", valueName: "file"))
    var input: String?

    @Option(help: ArgumentHelp("A directory of token shards to score.", valueName: "dir"))
    var data: String?

    @Option(
        help: ArgumentHelp("Which part of --data: validation (the default) or train."))
    var split: String?

    @Option(
        help: ArgumentHelp(
            "Streams that --data is cut into; where absent 64, or fewer for streams of 4096 tokens. "
                + "An --input is always 1.",
            valueName: "n"))
    var streams: Int?

    @Option(
        help: ArgumentHelp(
            "Write the log-likelihood of each scored token to this file, in 1/16 bit, one a line. "
                + "With --data, as one stream.",
            valueName: "file"))
    var perToken: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var compute: ComputeOptions

    mutating func execute() throws -> Int32 {
        try ArgumentText.requireUTF8()
        let text = try EvaluatedText(self)
        let pool = try compute.makePool()
        let kernel = try compute.chooseKernel()
        let model = try TextModel.load(
            source.checkpoint, functions: source.functions, kernel: kernel)
        try guardInputs(model)
        let report =
            switch text {
            case .file(let path):
                try score(FileTokens(path), streams: 1, model, pool)
            case .split(let directory, let split, let streams):
                try score(shards: directory, split, streams, model, pool)
            }
        print(json ? report.json.text : report.lines)
        if !json { print("next: " + NextCommand.line("sample", source.arguments)) }
        return 0
    }

    /// - Throws: `UsageError` where the list would replace what is read, or lie in a run directory.
    private func guardInputs(_ model: TextModel) throws {
        guard let perToken else { return }
        var outputs = OutputGuard()
        outputs.reads(model.path, flag: "--checkpoint")
        if let input { outputs.reads(input, flag: "--input") }
        if let data { outputs.reads(data, flag: "--data") }
        try outputs.writes(file: perToken, flag: "--per-token")
    }

    private func score(
        shards directory: String, _ split: Split, _ streams: Int?, _ model: TextModel,
        _ pool: WorkerPool
    ) throws -> Report {
        let source = ShardTokens(try ShardSet(directory: directory), split: split)
        let streams = streams ?? EvaluatedText.defaultStreams(tokens: source.count)
        return try score(source, streams: streams, model, pool)
    }

    private func score(
        _ source: some TokenSource, streams: Int, _ model: TextModel, _ pool: WorkerPool
    ) throws -> Report {
        let scorer = try CleanScorer(model: model.prepared, pool: pool, streams: streams)
        try scorer.requireMemory(tokens: source.count)
        let progress = ProgressLine(total: source.count)
        let start = ContinuousClock.now
        let result = Result {
            if let perToken {
                let list = try LikelihoodList(perToken)
                let score = try scorer.scoreEach(source) { done, likelihoods in
                    try list.append(likelihoods)
                    progress.show(done)
                }
                try list.commit()
                return score
            }
            return try scorer.score(source) { progress.show($0) }
        }
        progress.clear()
        return Report(
            model: model, text: source.name, score: try result.get(),
            elapsed: ContinuousClock.now - start)
    }
}
