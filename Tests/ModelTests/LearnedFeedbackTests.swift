import IntegerTensor
import RecurrentLM
import SeededNoise
import Testing
import TokenShards

@testable import EvolutionStrategy

/// The control variate of node perturbation by itself; the votes with it are compared with the
/// reference in ``NodePerturbationEqualsReferenceTests``.
@Suite struct LearnedFeedbackTests {
    /// Multipliers stay within what the kernels promise for every noise, width and number of draws.
    @Test(arguments: 1...30, [1, 2, 7, NodePerturbationSettings.mostDraws])
    func multipliersAreWithinTheirBounds(_ noise: Int, _ draws: Int) {
        for units in [1, 2, 3, 128, 256, 4096, 64 * (4096 + 16383)] {
            let scale = FeedbackScale(noise: noise, units: units, draws: draws)
            #expect(scale.prediction >= 1 && scale.site >= 1)
            #expect(scale.site < 1 << 15)
            #expect((0..<1 << 24).contains(scale.state))
            #expect((0..<1 << 23).contains(scale.credit))
            // Both parts of a credit, and the prediction of all units at their extremes.
            let draw = Int64((66 * noise + 8) >> 4)
            #expect(32767 * Int64(scale.site) + 127 * Int64(scale.credit) < 1 << 30)
            #expect(
                Int64(units).multipliedReportingOverflow(by: 127 * draw * scale.prediction).overflow
                    == false)
        }
    }

    /// σ = 2 on 128 units: κ = 32 · 2^16 / (14 · 2 · 11), and λ = σ²·κ/4 of 12 fraction bits is 4·σ²·κ/2^16.
    @Test func hasTheDocumentedMultipliers() {
        let scale = FeedbackScale(noise: 2, units: 128, draws: 1)
        #expect(scale.prediction == 6808 && scale.state == 6808)
        #expect(scale.site == 3584 && scale.credit == 4 * 1489)
        // √4 times as much where four draws are added up and scaled to the RMS of one.
        let four = FeedbackScale(noise: 2, units: 128, draws: 4)
        #expect(four.prediction == 6808 && four.state == 2 * 6808 && four.site == 3584)
    }

    @Test func takesPredictionsFromTheFitness() {
        let scale = FeedbackScale(noise: 2, units: 128, draws: 1)
        #expect(scale.residual(40, predicted: 0) == 40)
        // 300 · 6808 / 2^16 = 31.2
        #expect(scale.residual(40, predicted: 300) == 9)
        #expect(scale.residual(-100, predicted: 300) == -127)
        #expect(scale.residual(127, predicted: -(1 << 40)) == 127)
    }

    @Test func oneTokenInFourTeachesAndEveryPlaceInTurn() {
        for time in 0..<8 {
            let steps = (0..<16).filter { LearnedFeedback.teaches(time: time, step: $0) }
            #expect(steps.count == 4)
        }
        #expect((0..<8).filter { LearnedFeedback.teaches(time: $0, step: 5) } == [3, 7])
    }

    /// What the noise does to a loss becomes predictable: on weights that stand still the votes of one step
    /// scatter less than those without feedback.
    @Test func predictionsTakeVarianceAway() throws {
        let without = try scatter(.none)
        let with = try scatter(.learned)
        // With feedback credits are twice as large, so that the same noise would scatter four times as much.
        #expect(with * 3 < without * 4 * 2, "\(with) of \(without)")
    }

    /// Σ of the squares of how far the votes of two steps on the same text are apart, after some to learn.
    private func scatter(_ feedback: FeedbackRule) throws -> Int {
        let config = ModelConfig(hidden: 16, layers: 1, mlpWidth: 16, gate: .sigmoid, mlp: .relu)
        let parameters = Parameters(config: config, seed: 3)
        let population = Population(size: 64, segmentTokens: 4)
        let estimator = NodePerturbationEstimator(
            population: population,
            settings: NodePerturbationSettings(feedback: feedback, noise: 3),
            parameters: parameters, seed: 1, kernel: try .named("auto"),
            pool: WorkerPool(threads: 1))
        let tokens = BatchedEqualsReferenceTests.tokens(count: population.streams * 5, seed: 1)
            .map { 97 + $0 % 4 }
        let segment = Segment(
            tokens: tokens, streams: population.streams, length: 4, position: 0)
        let votes = Votes(layout: parameters.layout)
        let head = parameters.layout.layers[0].mlp?.w2 ?? 0
        var last: [Int32] = []
        var sum = 0
        for step in 0..<600 {
            _ = estimator.estimate(segment, parameters: parameters, step: step, votes: votes)
            let now = Array(votes.values[head].span)
            if step >= 500, !last.isEmpty {
                sum += zip(last, now).reduce(0) { $0 + Int($1.0 - $1.1) * Int($1.0 - $1.1) }
            }
            last = now
        }
        return sum
    }
}
