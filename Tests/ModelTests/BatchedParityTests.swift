import IntegerTensor
import RecurrentLM
import TestSupport
import Testing
import TokenShards

@testable import EvolutionStrategy

/// The batched path gives every number that the paper's authors' code gave, on every kernel.
@Suite struct BatchedParityTests {
    @Test(arguments: PackageFiles.parityNames, Kernel.available)
    func clean(name: String, kernel: Kernel) throws {
        let fixture = try ParityFixture(name)
        let tokens = try fixture.file.uint8("clean.tokens")
        let logits = try fixture.file.int8("clean.logits")
        let likelihoods = try fixture.file.int32("clean.logLikelihood")
        let model = PreparedModel(fixture.parameters, kernel: kernel)
        let states = HiddenStates(rows: 1, config: fixture.parameters.config)
        let block = BlockForward(model: model, capacity: 1)
        block.begin(rows: 1, states: states, firstState: 0)
        for time in 0..<tokens.count - 1 {
            var score: Int32 = 0
            block.step([tokens[time]], stride: 1)
            block.addLogLikelihood([tokens[time + 1]], stride: 1, to: &score)
            #expect(block.logits(row: 0) == Array(logits[time * 256..<(time + 1) * 256]))
            #expect(score == likelihoods[time], "token \(time)")
        }
        #expect(states.values(row: 0).flatMap { $0 } == (try fixture.file.int8("clean.finalState")))
    }

    @Test(arguments: PackageFiles.parityNames, Kernel.available)
    func noisyAndVotes(name: String, kernel: Kernel) throws {
        let fixture = try ParityFixture(name)
        let tokens = try fixture.file.uint8("noisy.tokens")
        let pairs = ParityFixture.pairs
        let population = Population(
            size: 2 * pairs, segmentTokens: tokens.count / pairs - 1)
        let segment = Segment(
            tokens: tokens, streams: pairs, length: population.segmentTokens, position: 0)
        let pool = WorkerPool(threads: 2)
        let estimator = EggrollEstimator(
            population: population, parameters: fixture.parameters, seed: 0, kernel: kernel,
            pool: pool)
        let votes = Votes(layout: fixture.parameters.layout)
        let estimate = estimator.estimate(
            segment, parameters: fixture.parameters, source: try fixture.source(), votes: votes)
        let evaluator = PopulationEvaluator(
            population: population, model: PreparedModel(fixture.parameters, kernel: kernel),
            pool: pool, slice: PopulationSlice(population))
        let scores = evaluator.scores(segment, source: try fixture.source()).members
        #expect(scores == (try fixture.file.int32("noisy.scores")))
        #expect(
            Fitness(.sign, differences: PopulationScores(pairs: scores).differences).values
                == (try fixture.file.int8("noisy.fitness")))
        #expect(votes.fitness?.values == (try fixture.file.int8("noisy.fitness")))
        #expect(
            estimator.state["states"] == .int8(try fixture.file.int8("noisy.finalStates")))
        #expect(estimate.comparisons == pairs)
        for threshold in [4, 16] {
            var parameters = fixture.parameters
            let limit = ThresholdRule.limit(threshold: threshold, directions: pairs)
            _ = ThresholdRule.apply(votes, to: &parameters, limit: limit)
            for tensor in parameters.layout.tensors {
                let expected = try fixture.file.int8("updated.threshold\(threshold).\(tensor.name)")
                #expect(parameters.values[tensor.id] == expected, "\(tensor.name), \(threshold)")
            }
        }
    }
}

extension Kernel: CustomTestStringConvertible {
    public var testDescription: String { name }
}
