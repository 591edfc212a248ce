import Checkpoints
import FixedPoint
import IntegerTensor
import RecurrentLM
import Reference
import Storage
import TestSupport
import Testing
import TokenShards

@testable import Evaluation

@Suite struct CleanScorerTests {
    private func scorer(
        _ parameters: Parameters = TestModel.parameters, streams: Int = 1, threads: Int = 2,
        kernel: String = "auto"
    ) throws -> CleanScorer {
        let model = PreparedModel(parameters, kernel: try Kernel.named(kernel))
        return try CleanScorer(
            model: model, pool: WorkerPool(threads: threads), streams: streams)
    }

    /// The plain loop over one stream: log-likelihoods and exact losses of all tokens but the first.
    private func reference(_ tokens: some Collection<UInt8>) -> (
        likelihoods: [Int32], exact: Int128
    ) {
        var model = ReferenceModel(TestModel.parameters)
        var exact: Int128 = 0
        let likelihoods = zip(tokens, tokens.dropFirst()).map { input, target in
            let logits = model.step(input)
            exact += Int128(
                ExactLoss.bitsQ32(
                    fineSum: ExactLoss.fineSum(logits: logits),
                    target: Int(logits[Int(target)]) + 128))
            return ReferenceModel.logLikelihood(logits, target: target)
        }
        return (likelihoods, exact)
    }

    @Test(arguments: PackageFiles.parityNames)
    func theAuthorsLikelihoodsAreReproduced(name: String) throws {
        let path = PackageFiles.parity(name)
        let file = try SafetensorsFile.read(path)
        let tokens = try #require(file["clean.tokens"]).uint8Values()
        let expected = try #require(file["clean.logLikelihood"]).int32Values()
        let parameters = try ModelCheckpoint.read(path, functions: .identity).parameters
        for kernel in Kernel.available {
            var found: [Int32] = []
            let score = try scorer(parameters, kernel: kernel.name)
                .scoreEach(ArrayTokens(tokens: tokens)) { found += $1 }
            #expect(found == expected, "\(kernel.name)")
            #expect(score.logLikelihood == expected.reduce(0) { $0 + Int64($1) })
        }
    }

    @Test func everyTokenOfAFileEqualsTheReference() throws {
        let bytes = mixedBytes(1100)
        let directory = try TemporaryDirectory()
        try AtomicFile.write(bytes, to: directory.file("text"))
        let expected = reference([0] + bytes)
        // Windows of 700 tokens and runs of 1024 end at different places.
        for budget in [2, 700, 1101, 1 << 20] {
            var scorer = try scorer()
            scorer.windowBudget = budget
            var found: [Int32] = []
            var done: [Int] = []
            let text = try TextInput(InputFile(directory.file("text")), encoding: .utf8)
            let score = try scorer.scoreEach(TextTokens(text)) {
                done.append($0)
                found += $1
            }
            #expect(found == expected.likelihoods)
            #expect(score.tokens == bytes.count && done.last == bytes.count)
            #expect(score.exactBitsQ32 == expected.exact)
            #expect(score.tokenCounts == (0...255).map { token in bytes.count { $0 == token } })
        }
    }

    @Test(arguments: [1, 2, 7, 33])
    func streamsAreEqualCutsOfTheText(streams: Int) throws {
        let tokens = mixedBytes(141)
        let length = 141 / streams
        var expected: Int64 = 0
        var exact: Int128 = 0
        for stream in 0..<streams {
            let part = reference(tokens[stream * length..<(stream + 1) * length])
            expected += part.likelihoods.reduce(0) { $0 + Int64($1) }
            exact += part.exact
        }
        for (threads, budget) in [(1, 1 << 20), (3, 5 * streams)] {
            var scorer = try scorer(streams: streams, threads: threads)
            scorer.windowBudget = budget
            let score = try scorer.score(ArrayTokens(tokens: tokens))
            #expect(score.tokens == streams * (length - 1))
            #expect(score.logLikelihood == expected)
            #expect(score.exactBitsQ32 == exact)
        }
    }

    @Test func aPrefixCountsAsTheWholeText() throws {
        let tokens = mixedBytes(300)
        let scorer = try scorer(streams: 4)
        let prefix = try scorer.score(ArrayTokens(tokens: tokens), maxTokens: 101)
        #expect(try scorer.score(ArrayTokens(tokens: Array(tokens.prefix(101)))) == prefix)
        #expect(prefix.tokens == 4 * 24)
        #expect(try scorer.score(ArrayTokens(tokens: [1, 2, 3])).tokens == 2)
    }

    @Test func figuresInDecimal() throws {
        let score = TextScore(
            tokens: 3, logLikelihood: -100, exactBitsQ32: 7 << 32,
            tokenCounts: [2, 1] + [Int](repeating: 0, count: 254))
        #expect(score.integerBitsPerToken() == "2.0833")
        #expect(score.exactBitsPerToken(decimals: 6) == "2.333333")
        #expect(score.unigramBitsPerToken() == "0.9183")
    }

    @Test func whatCannotBeScoredIsRefused() throws {
        for tokens in [[], [1]] as [[UInt8]] {
            #expect(throws: EvaluationError.self) {
                try scorer().score(ArrayTokens(tokens: tokens))
            }
        }
        #expect(throws: EvaluationError.self) {
            try scorer().score(ArrayTokens(tokens: [1, 2, 3]), maxTokens: -1)
        }
        let small = ModelConfig(vocabulary: 100, hidden: 4, layers: 1, mlpWidth: 0)
        #expect(throws: EvaluationError.self) { try scorer(Parameters(config: small, seed: 1)) }
        #expect(throws: EvaluationError.self) {
            try scorer().scoreEach(TextTokens(TextInput(InputFile("/dev/null")))) { _, _ in }
        }
    }

    @Test func shardsAreScoredAsTheirTokens() throws {
        let directory = try TemporaryDirectory()
        let bytes = mixedBytes(900)
        try AtomicFile.write(bytes, to: directory.file("text"))
        let dataset = try StagedDataset(directory.file("shards"), replacing: false)
        let layout = try ShardLayout(shardTokens: 400, frameTokens: 64, level: 1)
        var tokenizer = CorpusTokenizer(
            CorpusPlan(inputs: [directory.file("text")], validation: .none, layout: layout),
            into: dataset)
        _ = try tokenizer.run()
        let shards = ShardTokens(try ShardSet(directory: directory.file("shards")), split: .train)
        var tokens = [UInt8](repeating: 0, count: shards.count)
        try tokens.withUnsafeMutableBytes { try shards.read(at: 0, into: $0) }
        for streams in [1, 5] {
            let scorer = try scorer(streams: streams)
            #expect(try scorer.score(shards) == scorer.score(ArrayTokens(tokens: tokens)))
        }
    }

    /// The token that resets the model's state is the one that tokenizers put between documents.
    @Test func theModelKnowsTheSeparator() {
        #expect(ModelConfig.separator == ByteTokenizer.documentSeparator)
    }
}
