import EvolutionStrategy
import RecurrentLM
import Testing

/// The sign-momentum rule against its definition.
@Suite struct MomentumRuleTests {
    let config = ModelConfig(hidden: 3, layers: 1, mlpWidth: 2)

    /// Votes of every size and sign, zeros and the extremes of Int32 among them.
    private func makeVotes(_ layout: ParameterLayout, step: Int) -> Votes {
        let votes = Votes(layout: layout)
        for tensor in layout.tensors {
            for i in 0..<tensor.count {
                let value = ((i + step) * 7919 + tensor.id * 104_729) % 200_001 - 100_000
                votes.values[tensor.id].pointer[i] =
                    switch i % 5 {
                    case 0: 0
                    case 1: step % 2 == 0 ? .max : -.max
                    default: Int32(value)
                    }
            }
        }
        return votes
    }

    @Test(arguments: [3, 40], [0, RateSchedule.one / 300])
    func followsItsDefinitionForManySteps(_ hidden: Int, _ decay: Int64) {
        let schedule = RateSchedule(rate: RateSchedule.one * 3 / 4, decay: decay, steps: 9)
        let config = ModelConfig(hidden: hidden, layers: 1, mlpWidth: 2)
        var parameters = Parameters(config: config, seed: 5)
        let rule = MomentumRule(schedule: schedule, parameters: parameters)
        var residuals = parameters.values.map { $0.map { Int64($0) << 16 } }
        var momenta = parameters.values.map { $0.map { _ in Int64(0) } }
        var isEqual = true
        for step in 0..<12 {
            let votes = makeVotes(parameters.layout, step: step)
            _ = rule.apply(votes, to: &parameters, step: step)
            let rate = schedule.rate(step: step)
            for tensor in parameters.layout.tensors {
                for i in 0..<tensor.count {
                    let vote = Int64(votes.values[tensor.id].pointer[i])
                    var m = momenta[tensor.id][i]
                    m += (16 * vote - m + 8) >> 4
                    m = min(Int64(Int32.max), max(Int64(Int32.min), m))
                    momenta[tensor.id][i] = m
                    var h = residuals[tensor.id][i]
                    if abs(m) > 8 { h += m.signum() * ((rate + 32768) >> 16) }
                    if !tensor.kind.isVector {
                        h -= (h * (schedule.decay * Int64(max(0, 9 - step)) / 9)) >> 32
                    }
                    h = min(127 << 16, max(-127 << 16, h))
                    residuals[tensor.id][i] = h
                    isEqual = isEqual && Int64(parameters.values[tensor.id][i]) == (h + 32768) >> 16
                }
            }
        }
        #expect(isEqual)
    }

    /// The momentum of a single vote of 100 is below 8 after 16·ln(100/8) steps or so.
    @Test func aWeightWithoutVotesComesToRest() {
        let schedule = RateSchedule(rate: 1 << 31, decay: 0, steps: 1000)
        var parameters = Parameters(config: config, seed: 5)
        let rule = MomentumRule(schedule: schedule, parameters: parameters)
        let votes = Votes(layout: parameters.layout)
        let first = rule.apply(votes, to: &parameters, step: 0)
        #expect(first.changed == 0)
        votes.values[0].pointer[0] = 100
        votes.values[0].pointer[1] = -100
        let before = parameters.values[0]
        _ = rule.apply(votes, to: &parameters, step: 1)
        votes.values[0].zero()
        var lastMove = 0
        for step in 2..<100 {
            let report = rule.apply(votes, to: &parameters, step: step)
            if report.changed > 0 { lastMove = step }
            #expect(report.changed <= 2)
        }
        #expect((35...50).contains(lastMove))
        #expect(parameters.values[0][0] > before[0] && parameters.values[0][1] < before[1])
    }

    @Test func stateContinuesWhereItWas() throws {
        let schedule = RateSchedule(rate: 1 << 32, decay: 1 << 20, steps: 10)
        var parameters = Parameters(config: config, seed: 5)
        let rule = MomentumRule(schedule: schedule, parameters: parameters)
        _ = rule.apply(makeVotes(parameters.layout, step: 0), to: &parameters, step: 0)
        let continued = MomentumRule(schedule: schedule, parameters: parameters)
        try continued.restore(rule.state)
        var other = parameters
        let votes = makeVotes(parameters.layout, step: 1)
        _ = rule.apply(votes, to: &parameters, step: 1)
        _ = continued.apply(votes, to: &other, step: 1)
        #expect(parameters.values == other.values)
        #expect(throws: ModelError.self) { try continued.restore([:]) }
    }
}
