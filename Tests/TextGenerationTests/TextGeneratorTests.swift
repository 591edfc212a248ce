import Checkpoints
import IntegerTensor
import RecurrentLM
import Reference
import Testing

@testable import TextGeneration

@Suite struct TextGeneratorTests {
    private let prompt = Array("To be".utf8)

    private func samples(
        _ range: Range<Int>, _ settings: SamplingSettings, seed: UInt64 = 1, tokens: Int = 40,
        kernel: String = "auto", stops: Bool = false,
        stopTexts: [[UInt8]] = []
    ) throws -> [[UInt8]] {
        let generator = TextGenerator(
            try TestModel.text(kernel: kernel),
            sampler: TokenSampler(settings: settings, seed: seed))
        let request = TextGenerator.Request(
            prompt: prompt, tokens: tokens, stopsAtSeparator: stops, stops: stopTexts)
        var samples = [[UInt8]](repeating: [], count: range.count)
        generator.generate(range, request) { samples[$0 - range.lowerBound].append($1) }
        return samples
    }

    /// The plain loop: the reference model, and the sampler for each of its logits.
    private func reference(_ sampler: TokenSampler, sample: UInt32, tokens: Int) -> [UInt8] {
        var model = ReferenceModel(TestModel.parameters)
        var logits: [Int8] = []
        for token in [0] + prompt { logits = model.step(token) }
        return (0..<UInt32(tokens)).map { position in
            let token = sampler.draw(logits, sample: sample, position: position)
            logits = model.step(token)
            return token
        }
    }

    @Test func greedyTextIsTheArgmaxOfTheReference() throws {
        var model = ReferenceModel(TestModel.parameters)
        var logits: [Int8] = []
        for token in [0] + prompt { logits = model.step(token) }
        let expected = (0..<40).map { _ in
            let best = logits.max() ?? 0
            let token = UInt8(logits.firstIndex(of: best) ?? 0)
            logits = model.step(token)
            return token
        }
        #expect(try samples(0..<2, SamplingSettings(temperature: 0)) == [expected, expected])
    }

    @Test(arguments: Kernel.available.map(\.name))
    func everyKernelMakesTheTextOfTheReference(kernel: String) throws {
        let settings = SamplingSettings(topP: SamplingSettings.probabilityScale / 10 * 9)
        let sampler = TokenSampler(settings: settings, seed: 1)
        let expected = (2..<5).map { reference(sampler, sample: $0, tokens: 40) }
        #expect(try samples(2..<5, settings, kernel: kernel) == expected)
    }

    /// A byte that followed the last three bytes before loses half a bit, whichever kernel and company.
    @Test(arguments: Kernel.available.map(\.name))
    func repetitionIsPenalized(kernel: String) throws {
        let settings = SamplingSettings(
            temperature: SamplingSettings.temperatureScale / 4, repetitionPenalty: 8)
        let sampler = TokenSampler(settings: settings, seed: 1)
        var model = ReferenceModel(TestModel.parameters)
        var logits: [Int8] = []
        for token in [0] + prompt { logits = model.step(token) }
        var text = prompt
        var penalized = 0
        for position in 0..<UInt32(400) {
            let last = Array(text.suffix(3))
            for end in text.indices.suffix(256).dropFirst(3)
            where Array(text[end - 3..<end]) == last {
                penalized += 1
                let token = Int(text[end])
                // Once, however often it came.
                let isFirst = !text.indices.suffix(256).dropFirst(3).contains {
                    $0 < end && Array(text[$0 - 3..<$0]) == last && Int(text[$0]) == token
                }
                if isFirst { logits[token] = Int8(max(-127, Int(logits[token]) - 8)) }
            }
            let token = sampler.draw(logits, sample: 2, position: position)
            text.append(token)
            logits = model.step(token)
        }
        let found = try samples(1..<4, settings, tokens: 400, kernel: kernel)[1]
        #expect(found == Array(text.dropFirst(prompt.count)))
        #expect(penalized > 20, "\(penalized)")
        let without = SamplingSettings(temperature: SamplingSettings.temperatureScale / 4)
        #expect(try samples(1..<4, without, tokens: 400, kernel: kernel)[1] != found)
    }

    /// Turns of a dialogue are one text.
    @Test func thePenaltyKnowsTheTextSoFar() throws {
        let model = try TestModel.text()
        let text = TextSoFar(model)
        text.append(Array("abcd".utf8))
        text.append(Array("e abc".utf8))
        var logits = [Int8](repeating: 0, count: 256)
        let lowered = RepetitionPenalty(penalty: 24, after: text.recent).lowered(logits)
        logits[Int(UInt8(ascii: "d"))] = -24
        #expect(lowered == logits)
        text.append([UInt8](repeating: 1, count: 300))
        #expect(text.recent == [UInt8](repeating: 1, count: 256))
    }

    @Test func aSampleDoesNotDependOnItsCompany() throws {
        let all = try samples(0..<7, SamplingSettings())
        #expect(Set(all).count == 7)
        for index in all.indices {
            #expect(try samples(index..<index + 1, SamplingSettings()) == [all[index]])
        }
        #expect(
            try samples(0..<7, SamplingSettings(), tokens: 11) == all.map { Array($0.prefix(11)) })
        #expect(try samples(0..<7, SamplingSettings(), seed: 2) != all)
    }

    @Test func aSampleMayEndWithItsDocument() throws {
        let all = try samples(0..<4, SamplingSettings(), tokens: 600)
        #expect(all.contains { $0.contains(0) })
        let ended = try samples(0..<4, SamplingSettings(), tokens: 600, stops: true)
        #expect(ended == all.map { Array($0.prefix { $0 != 0 }) })
    }

    /// Any two tokens of a sample as a stop text.
    @Test func aSampleEndsBeforeAStopText() throws {
        let all = try samples(0..<3, SamplingSettings(), tokens: 60)
        for place in [0, 7, 58] {
            let stop = Array(all[1][place..<place + 2])
            let ended = try samples(0..<3, SamplingSettings(), tokens: 60, stopTexts: [stop])
            for (whole, part) in zip(all, ended) {
                let end = (0..<59).first { Array(whole[$0..<$0 + 2]) == stop }
                #expect(part == Array(whole.prefix(end ?? 60)))
            }
        }
    }

    /// A text that is continued by turns is read as if it had been given at once.
    @Test func aTextIsContinuedByTurns() throws {
        let model = try TestModel.text()
        let generator = TextGenerator(
            model, sampler: TokenSampler(settings: SamplingSettings(), seed: 1))
        let text = TextSoFar(model)
        var whole: [UInt8] = []
        for (turn, line) in ["To be", "", ", or"].enumerated() {
            whole += Array(line.utf8)
            var expected: [UInt8] = []
            generator.generate(turn..<turn + 1, .init(prompt: whole, tokens: 20)) {
                expected.append($1)
            }
            var found: [UInt8] = []
            let request = TextGenerator.Request(prompt: Array(line.utf8), tokens: 20)
            generator.generate(turn..<turn + 1, request, continuing: text) { found.append($1) }
            #expect(found == expected)
            // As where a stop text cut the last of it off.
            text.append(Array(found.dropLast(3)))
            whole += found.dropLast(3)
        }
    }

    @Test func aModelOfOtherTokensIsRefused() throws {
        let kernel = try Kernel.named("portable")
        var checkpoint = TestModel.checkpoint
        checkpoint.tokenizer = "words"
        #expect(throws: TextModelError.self) {
            try TextModel(checkpoint, path: "model", kernel: kernel)
        }
        let small = ModelConfig(vocabulary: 100, hidden: 4, layers: 1, mlpWidth: 0)
        checkpoint = ModelCheckpoint(
            parameters: Parameters(config: small, seed: 1), tokenizer: "bytes", step: 0, seed: 0)
        #expect(throws: TextModelError.self) {
            try TextModel(checkpoint, path: "model", kernel: kernel)
        }
    }
}
