import Checkpoints
import IntegerTensor
import RecurrentLM
import Reference
import Testing

@testable import Evaluation
@testable import TextGeneration

/// Scores and samples of a model with contexts: what its contexts know of the text goes on with the states.
@Suite struct ContextTextTests {
    private let parameters: Parameters

    init() throws {
        let config = ModelConfig(
            hidden: 8, layers: 2, mlpWidth: 12, mlp: .relu,
            contexts: [.bytes(2), .bytes(5), .word, .wordPair], contextRows: 1024, direct: true)
        parameters = Parameters(config: config, seed: 3)
        for table in [try #require(parameters.contexts), try #require(parameters.direct)] {
            for row in 0..<table.rows {
                for i in 0..<table.width {
                    table.row(row)[i] = Int8((row * 7919 + i * 104_729) % 255 - 127)
                }
            }
        }
        parameters.giveRows(toContextsOf: [text])
    }

    private func likelihoods(_ tokens: some Collection<UInt8>) -> [Int32] {
        var model = ReferenceModel(parameters)
        return zip(tokens, tokens.dropFirst()).map { input, target in
            ReferenceModel.logLikelihood(model.step(input), target: target)
        }
    }

    private func scorer(streams: Int = 1, threads: Int = 2) throws -> CleanScorer {
        try CleanScorer(
            model: PreparedModel(parameters, kernel: .named("auto")),
            pool: WorkerPool(threads: threads), streams: streams)
    }

    /// Words, digits, bytes beyond ASCII and separators.
    private let text = Array("Ein Wort, zwei Wörter; 12 Sätze.\u{0}Ein Ende: das ENDE!".utf8)

    /// Windows end within words.
    @Test(arguments: [2, 3, 7, 1 << 20]) func everyTokenEqualsTheReference(_ budget: Int) throws {
        let tokens = text + mixedBytes(500)
        var scorer = try scorer()
        scorer.windowBudget = budget
        var found: [Int32] = []
        _ = try scorer.scoreEach(ArrayTokens(tokens: tokens)) { found += $1 }
        #expect(found == likelihoods(tokens))
    }

    @Test(arguments: [(2, 1, 1 << 20), (7, 3, 35), (33, 2, 66)])
    func everyStreamKnowsItsOwnText(streams: Int, threads: Int, budget: Int) throws {
        let tokens = text + text + mixedBytes(300)
        let length = tokens.count / streams
        let expected = (0..<streams).flatMap { stream in
            likelihoods(tokens[stream * length..<(stream + 1) * length])
        }
        var scorer = try scorer(streams: streams, threads: threads)
        scorer.windowBudget = budget
        let score = try scorer.score(ArrayTokens(tokens: tokens))
        #expect(score.logLikelihood == expected.reduce(0) { $0 + Int64($1) })
    }

    // MARK: Samples

    private func samples(_ range: Range<Int>, kernel: String = "auto") throws -> [[UInt8]] {
        let checkpoint = ModelCheckpoint(
            parameters: parameters, tokenizer: "bytes", step: 1, seed: 1)
        let generator = TextGenerator(
            try TextModel(checkpoint, path: "model", kernel: Kernel.named(kernel)),
            sampler: TokenSampler(settings: SamplingSettings(), seed: 1))
        let request = TextGenerator.Request(
            prompt: Array("To be".utf8), tokens: 60, stopsAtSeparator: false, stops: [])
        var samples = [[UInt8]](repeating: [], count: range.count)
        generator.generate(range, request) { samples[$0 - range.lowerBound].append($1) }
        return samples
    }

    @Test(arguments: Kernel.available.map(\.name))
    func everyKernelMakesTheTextOfTheReference(kernel: String) throws {
        let sampler = TokenSampler(settings: SamplingSettings(), seed: 1)
        let expected = (UInt32(2)..<5).map { sample in
            var model = ReferenceModel(parameters)
            var logits: [Int8] = []
            for token in [0] + Array("To be".utf8) { logits = model.step(token) }
            return (0..<UInt32(60)).map { position in
                let token = sampler.draw(logits, sample: sample, position: position)
                logits = model.step(token)
                return token
            }
        }
        #expect(try samples(2..<5, kernel: kernel) == expected)
    }

    @Test func aSampleDoesNotDependOnItsCompany() throws {
        let all = try samples(0..<5)
        #expect(Set(all).count == 5)
        for index in all.indices { #expect(try samples(index..<index + 1) == [all[index]]) }
    }
}
