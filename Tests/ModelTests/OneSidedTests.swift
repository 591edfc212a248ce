import FixedPoint
import IntegerTensor
import RecurrentLM
import Reference
import Testing
import TokenShards

@testable import EvolutionStrategy

/// One-sided members against the scalar reference: each starts a segment from the state of the
/// unperturbed model on its text.
@Suite struct OneSidedTests {
    private static let populations = [
        Population(size: 7, sampling: .oneSided, groupSize: 1, segmentTokens: 3),
        Population(
            size: 12, sampling: .oneSided, groupSize: 3, segmentTokens: 5, sigmaShift: 2,
            rank: .four),
        Population(
            size: 10, sampling: .oneSided, groupSize: 5, segmentTokens: 2,
            sequencesPerMember: 3),
        Population(size: 130, sampling: .oneSided, groupSize: 130, segmentTokens: 2),
    ]

    /// Without contexts, with them, and with direct connections.
    private static let models: [ModelConfig] = [
        ModelConfig(hidden: 20, layers: 2, mlpWidth: 24, mlp: .relu),
        ModelConfig(
            hidden: 20, layers: 2, mlpWidth: 24, mlp: .relu, contexts: [.bytes(2), .wordPair],
            contextRows: 256),
        ModelConfig(
            vocabulary: 256, hidden: 9, layers: 1, mlpWidth: 0, contexts: [.bytes(1), .word],
            contextRows: 256, direct: true),
    ]

    @Test(
        arguments: populations.flatMap { population in models.map { (population, $0) } },
        Kernel.available)
    func equalsReference(test: (population: Population, config: ModelConfig), kernel: Kernel) throws
    {
        try checkScores(test.population, test.config, .perturbation, kernel)
    }

    /// A head that learns from its own error has no noise, and the votes of that error.
    @Test(
        arguments: populations.flatMap { population in models.map { (population, $0) } },
        Kernel.available)
    func aHeadThatLearnsFromItsErrorEqualsReference(
        test: (population: Population, config: ModelConfig), kernel: Kernel
    ) throws {
        try checkScores(test.population, test.config, .delta, kernel)
    }

    private func checkScores(
        _ population: Population, _ config: ModelConfig, _ head: HeadRule, _ kernel: Kernel
    ) throws {
        try population.validate(for: config)
        let parameters = Parameters(config: config, seed: 5)
        parameters.contexts?.fill(seed: 6)
        parameters.direct?.fill(seed: 7)
        parameters.giveRows(
            toContextsOf: (0..<3).map { segment(population, position: $0).tokens })
        let source = SeededPerturbations(kernel: kernel, seed: 9, epoch: 4)
        let evaluator = PopulationEvaluator(
            population: population, head: head,
            model: PreparedModel(parameters, kernel: kernel, loss: .fine),
            pool: WorkerPool(threads: 2))
        var clean = (0..<population.streams).map { _ in ReferenceModel(parameters) }
        for position in 0..<3 {
            let segment = segment(population, position: position)
            let scores = evaluator.scores(segment, source: source)
            let starts = clean
            let cleanScores = clean.indices.map { stream in
                clean[stream].score(tokens(segment, stream), loss: .fine)
            }
            var rises: [Int64] = []
            for member in 0..<population.size {
                var noise = MemberNoise(
                    layout: parameters.layout, source: source, pair: member, sign: 1,
                    shape: population.noiseShape)
                if head == .delta {
                    noise.a[parameters.layout.head] = [Int8](
                        repeating: 0, count: config.vocabulary * population.rank.terms)
                }
                var score: Int32 = 0
                var baseline: Int32 = 0
                for sequence in 0..<population.sequencesPerMember {
                    let row = member * population.sequencesPerMember + sequence
                    let stream = population.stream(row: row)
                    var model = starts[stream]
                    model.noise = noise
                    score += model.score(tokens(segment, stream), loss: .fine)
                    baseline += cleanScores[stream]
                }
                #expect(scores.members[member] == score, "member \(member)")
                rises.append(Int64(score) - Int64(baseline))
            }
            let mean = floorDivide(rises.reduce(0, +), by: Int64(rises.count))
            #expect(scores.differences == rises.map { $0 - mean })
            for (stream, model) in clean.enumerated() {
                #expect(evaluator.states.values(row: stream) == model.state, "stream \(stream)")
            }
            checkErrors(evaluator, starts, segment)
            checkHeadVotes(evaluator, starts, segment, head)
        }
    }

    /// The errors for direct connections are those of the unperturbed model, with the contexts of its tokens.
    private func checkErrors(
        _ evaluator: PopulationEvaluator, _ starts: [ReferenceModel], _ segment: Segment
    ) {
        guard let errors = evaluator.errors else {
            #expect(starts[0].parameters.direct == nil)
            return
        }
        let config = starts[0].parameters.config
        #expect(errors.slots == segment.streams * segment.length)
        for (stream, start) in starts.enumerated() {
            var model = start
            let tokens = Array(tokens(segment, stream))
            for time in 0..<segment.length {
                let slot = time * segment.streams + stream
                let logits = model.step(tokens[time])
                let dither = RowRule.dither(step: segment.position + time, slot: slot, place: 0)
                let expected = ReferenceModel.error(
                    logits, logits, target: tokens[time + 1], dither: UInt8(dither >> 8))
                #expect(errors.credits.values(row: slot) == expected, "slot \(slot)")
                let hashes = config.contexts.map { model.history.hash($0) }
                let found = hashes.indices.map {
                    errors.contexts.pointer[slot * hashes.count + $0]
                }
                #expect(found == hashes, "slot \(slot)")
            }
        }
    }

    /// The votes of the head are Σ error ⊗ input over all tokens of all streams; a head with noise has none.
    private func checkHeadVotes(
        _ evaluator: PopulationEvaluator, _ starts: [ReferenceModel], _ segment: Segment,
        _ head: HeadRule
    ) {
        let config = starts[0].parameters.config
        let parts = evaluator.headVotes.map { votes in
            (0..<votes.count).map { votes.pointer[$0] }
        }
        guard head == .delta else {
            #expect(parts.isEmpty)
            return
        }
        var expected = [Int32](repeating: 0, count: config.vocabulary * config.hidden)
        for (stream, start) in starts.enumerated() {
            var model = start
            let tokens = Array(tokens(segment, stream))
            for time in 0..<segment.length {
                let logits = model.step(tokens[time])
                let slot = time * segment.streams + stream
                let dither = RowRule.dither(step: segment.position + time, slot: slot, place: 0)
                let error = ReferenceModel.error(
                    logits, logits, target: tokens[time + 1], dither: UInt8(dither >> 8))
                for i in expected.indices {
                    let (row, column) = i.quotientAndRemainder(dividingBy: config.hidden)
                    expected[i] += Int32(error[row]) * Int32(model.headInput[column])
                }
            }
        }
        let wrong = expected.indices.count { i in parts.reduce(0) { $0 + $1[i] } != expected[i] }
        #expect(wrong == 0, "votes that differ")
    }

    private func segment(_ population: Population, position: Int) -> Segment {
        let count = population.streams * (population.segmentTokens + 1)
        return Segment(
            tokens: BatchedEqualsReferenceTests.tokens(count: count, seed: UInt64(position + 7)),
            streams: population.streams, length: population.segmentTokens, position: position)
    }

    private func tokens(_ segment: Segment, _ stream: Int) -> ArraySlice<UInt8> {
        let width = segment.length + 1
        return segment.tokens[stream * width..<(stream + 1) * width]
    }
}
