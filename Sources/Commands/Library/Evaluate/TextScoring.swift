import Diagnostics
import Evaluation
import IntegerTensor
import Storage
import TextGeneration
import TokenShards

/// Scores the texts that the flags name under one model after the other.
struct TextScoring {
    private let flags: EvaluateCommand
    private let evaluated: EvaluatedText
    private let pool: WorkerPool
    /// The number of models to come.
    private let models: Int
    /// The texts of `--input`; empty for a split of shards.
    private let paths: [String]
    /// Whether there may be several texts, so that they are listed: several inputs, or a directory.
    let isList: Bool
    private let line = LiveLine()
    /// What was scored, a table a model.
    private(set) var tables: [EvaluateTable] = []

    /// Finds the texts, and says what was skipped in directories.
    /// - Throws: What finding them throws, before anything is scored.
    init(
        _ flags: EvaluateCommand, _ evaluated: EvaluatedText, models: Int, _ pool: WorkerPool
    ) throws {
        (self.flags, self.evaluated, self.models, self.pool) = (flags, evaluated, models, pool)
        guard case .inputs(let inputs) = evaluated else {
            (paths, isList) = ([], false)
            return
        }
        let texts = try CorpusTexts(
            inputs, encoding: flags.text.encoding, filter: flags.patterns.filter())
        paths = texts.paths
        isList = try inputs.count > 1 || inputs.contains(where: EvaluateLimits.isDirectory)
        if let skipped = SkippedEntries.line(texts.skipped) {
            writeToStandardError(skipped.asPlainLine + "\n")
        }
    }

    /// Scores all texts under the next model.
    mutating func score(_ model: TextModel) throws {
        let reports =
            switch evaluated {
            case .inputs: try paths.indices.map { try score(text: $0, model) }
            case .split(let directory, let split, let streams):
                [try score(shards: directory, split, streams, model)]
            }
        if let first = tables.first {
            for (report, before) in zip(reports, first.reports)
            where report.score.tokenCounts != before.score.tokenCounts {
                throw FileError(
                    report.text, "changed after the first model read it",
                    remedy: "run the command again")
            }
        }
        tables.append(EvaluateTable(model: EvaluatedModel(model), reports: reports))
    }

    private func score(text place: Int, _ model: TextModel) throws -> EvaluateReport {
        let input = try TextInput(InputFile.named(paths[place]), encoding: flags.text.encoding)
        if tables.isEmpty { warn(of: input) }
        let stream = TextTokens(input)
        let scorer = try CleanScorer(model: model.prepared, pool: pool, streams: 1)
        let passages = PassageList(worst: flags.worst ?? 0, best: flags.best ?? 0)
        let heard = HeardTokens(stream, for: passages)
        let progress = progress(text: place, bytes: stream.expectedCount)
        var report = try report(model, stream.name, progress) { visit in
            try scorer.scoreEach(heard) { done, newest in
                heard.take(newest)
                try visit(done, newest)
            }
        }
        passages.finish()
        report.passages = passages
        return report
    }

    private func warn(of input: TextInput) {
        if input.isDoubtful {
            printWarning(
                "\(input.path): has many NUL bytes or control characters; check whether it is text, and its "
                    + "--encoding")
        }
        if input.beginsWithRecord {
            printWarning(
                "\(input.path): begins with a JSON object, and the JSON around the texts is scored too; for the texts "
                    + "alone make shards with tokenize --field, and pass them with --data")
        }
    }

    private func score(
        shards directory: String, _ split: Split, _ streams: Int?, _ model: TextModel
    ) throws -> EvaluateReport {
        let source = ShardTokens(try ShardSet(directory: directory), split: split)
        guard source.count > 0 else {
            throw FileError(
                directory, "has no tokens of the split '\(split.rawValue)'",
                remedy: "pass another --split, or make it with tokenize --validation-fraction")
        }
        let streams = streams ?? EvaluatedText.defaultStreams(tokens: source.count)
        let scorer = try CleanScorer(model: model.prepared, pool: pool, streams: streams)
        try scorer.requireMemory(tokens: source.count)
        let progress = progress(text: 0, bytes: source.count)
        return try report(model, source.name, progress) { visit in
            guard flags.perToken == nil else { return try scorer.scoreEach(source, visit: visit) }
            return try scorer.score(source) { try visit($0, []) }
        }
    }

    /// Which model and which text comes, where there are several.
    private func progress(text: Int, bytes: Int?) -> EvaluateProgress {
        let places = [("model", tables.count, models), ("text", text, paths.count)]
        return EvaluateProgress(
            line, totalBytes: bytes,
            place: places.filter { $0.2 > 1 }.map { "\($0.0) \($0.1 + 1) of \($0.2)" })
    }

    /// Scores with progress and, where they are asked for, the log-likelihoods of the tokens.
    /// - Parameter score: Is given what to call with the number of tokens scored so far and the newest
    ///   log-likelihoods.
    private func report(
        _ model: TextModel, _ name: String, _ progress: EvaluateProgress,
        by score: ((Int, [Int32]) throws -> Void) throws -> TextScore
    ) throws -> EvaluateReport {
        let list = try flags.perToken.map { path in try LikelihoodList(path) }
        // What comes after it begins on a line of its own, an error too.
        defer { progress.finish() }
        let start = ContinuousClock.now
        let scored = try score { done, likelihoods in
            try list?.append(likelihoods)
            progress.show(done)
        }
        try list?.commit()
        return EvaluateReport(
            model: EvaluatedModel(model), text: name, score: scored,
            elapsed: ContinuousClock.now - start)
    }
}
