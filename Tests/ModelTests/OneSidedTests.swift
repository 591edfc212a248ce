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
    @Test(
        arguments: [
            Population(size: 7, sampling: .oneSided, groupSize: 1, segmentTokens: 3),
            Population(
                size: 12, sampling: .oneSided, groupSize: 3, segmentTokens: 5, sigmaShift: 2),
            Population(
                size: 10, sampling: .oneSided, groupSize: 5, segmentTokens: 2,
                sequencesPerMember: 3),
            Population(size: 130, sampling: .oneSided, groupSize: 130, segmentTokens: 2),
        ], Kernel.available)
    func equalsReference(population: Population, kernel: Kernel) throws {
        let config = ModelConfig(hidden: 20, layers: 2, mlpWidth: 24, mlp: .relu)
        try population.validate(for: config)
        let parameters = Parameters(config: config, seed: 5)
        let source = SeededPerturbations(kernel: kernel, seed: 9, epoch: 4)
        let evaluator = PopulationEvaluator(
            population: population,
            model: PreparedModel(parameters, kernel: kernel, loss: .fine),
            pool: WorkerPool(threads: 2))
        var clean = (0..<population.streams).map { _ in ReferenceModel(parameters) }
        for position in 0..<3 {
            let segment = segment(population, position: position)
            let scores = evaluator.scores(segment, source: source)
            let starts = clean.map(\.state)
            let cleanScores = clean.indices.map { stream in
                clean[stream].score(tokens(segment, stream), loss: .fine)
            }
            var rises: [Int64] = []
            for member in 0..<population.size {
                let noise = MemberNoise(
                    layout: parameters.layout, source: source, pair: member, sign: 1,
                    sigmaShift: population.sigmaShift)
                var score: Int32 = 0
                var baseline: Int32 = 0
                for sequence in 0..<population.sequencesPerMember {
                    let row = member * population.sequencesPerMember + sequence
                    let stream = population.stream(row: row)
                    var model = ReferenceModel(parameters, noise: noise, state: starts[stream])
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
        }
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
