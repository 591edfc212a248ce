import RecurrentLM
import Testing

@testable import EvolutionStrategy

/// The residual rule and the fitness that feeds it, against their definitions.
@Suite struct ResidualRuleTests {
    let config = ModelConfig(hidden: 3, layers: 1, mlpWidth: 2)

    /// Votes of every size and sign, a pure function of the index.
    private func makeVotes(_ layout: ParameterLayout, rms: Int) -> Votes {
        let votes = Votes(layout: layout)
        // 4 · ⌊√(n · 127²)⌋ is the RMS without signal of n directions.
        votes.fitness = Fitness(
            .magnitude8, values: [Int8](repeating: 127, count: max(1, rms * rms / (508 * 508))))
        for tensor in layout.tensors {
            for i in 0..<tensor.count {
                votes.values[tensor.id].pointer[i] =
                    Int32((i * 7919 + tensor.id * 104_729) % 200_001 - 100_000)
            }
        }
        return votes
    }

    @Test(arguments: NoiseRank.allCases) func followsItsDefinitionForManySteps(rank: NoiseRank) {
        let schedule = RateSchedule(
            rate: RateSchedule.one * 3 / 4, decay: RateSchedule.one / 300, steps: 9)
        var parameters = Parameters(config: config, seed: 5)
        let rule = ResidualRule(schedule: schedule, parameters: parameters)
        var expected = parameters.values.map { $0.map { Int64($0) << 16 } }
        for step in 0..<12 {
            let votes = makeVotes(parameters.layout, rms: 1000 + 333 * step)
            votes.rank = rank
            _ = rule.apply(votes, to: &parameters, step: step)
            let rate = schedule.rate * Int64(max(0, 9 - step)) / 9
            for tensor in parameters.layout.tensors {
                let root: Int64 = tensor.kind.isVector ? 1 : [1: 1, 4: 2, 16: 4][rank.terms] ?? 0
                let multiplier = (rate << 8) / ((votes.fitness?.noSignalRMS ?? 0) * root)
                for i in 0..<tensor.count {
                    var h = expected[tensor.id][i]
                    h += (Int64(votes.values[tensor.id].pointer[i]) * multiplier) >> 24
                    if !tensor.kind.isVector {
                        h -= (h * Int64((Int128(schedule.decay) * Int128(rate)) >> 32)) >> 32
                    }
                    h = min(127 << 16, max(-127 << 16, h))
                    expected[tensor.id][i] = h
                    #expect(Int64(parameters.values[tensor.id][i]) == (h + 32768) >> 16)
                }
            }
        }
    }

    @Test func theRateFallsToZero() {
        let schedule = RateSchedule(rate: 1 << 32, decay: 0, steps: 4)
        #expect((0...5).map { schedule.rate(step: $0) } == [4, 3, 2, 1, 0, 0].map { $0 << 30 })
    }

    @Test func stateContinuesWhereItWas() throws {
        let schedule = RateSchedule(rate: 1 << 32, decay: 1 << 20, steps: 10)
        var parameters = Parameters(config: config, seed: 5)
        let votes = makeVotes(parameters.layout, rms: 40_000)
        let rule = ResidualRule(schedule: schedule, parameters: parameters)
        _ = rule.apply(votes, to: &parameters, step: 0)
        let continued = ResidualRule(schedule: schedule, parameters: parameters)
        try continued.restore(rule.state)
        var copy = parameters
        _ = rule.apply(votes, to: &parameters, step: 1)
        _ = continued.apply(votes, to: &copy, step: 1)
        #expect(parameters.values == copy.values)
        #expect(rule.state == continued.state)
        #expect(throws: ModelError.self) { try continued.restore([:]) }
    }

    private func fitness(_ form: FitnessForm, scores: [Int32]) -> Fitness {
        Fitness(form, differences: PopulationScores(pairs: scores).differences)
    }

    /// d = 10, -20, 0, 400, -400: mean square 64100, RMS 253.
    @Test func fitnessIsTheDifferenceInItsRMS() {
        let scores: [Int32] = [15, 5, -20, 0, 7, 7, 0, -400, -400, 0]
        #expect(fitness(.sign, scores: scores).values == [1, -1, 0, 1, -1])
        #expect(fitness(.magnitude4, scores: scores).values == [0, 0, 0, 3, -3])
        #expect(fitness(.magnitude8, scores: scores).values == [1, -3, 0, 51, -51])
        #expect(fitness(.sign, scores: scores).ties == 1)
        #expect(fitness(.sign, scores: scores).noSignalRMS == 512)  // ⌊√4⌋·256
        #expect(fitness(.magnitude4, scores: scores).noSignalRMS == 256)  // ⌊√18⌋·256 >> 2
        #expect(fitness(.magnitude8, scores: scores).noSignalRMS == 288)  // ⌊√5212⌋·256 >> 6
    }

    @Test func fitnessOfExtremesIsClipped() {
        let scores: [Int32] = [0, -.max, 0, 0, 0, 0, 0, 0] + [Int32](repeating: 0, count: 400)
        #expect(fitness(.magnitude4, scores: scores).values[0] == 7)
        #expect(fitness(.magnitude8, scores: scores).values[0] == 127)
        #expect(fitness(.magnitude8, scores: [3, 3]).values == [0])
    }
}
