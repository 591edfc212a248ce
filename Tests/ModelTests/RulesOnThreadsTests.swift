import EvolutionStrategy
import IntegerTensor
import RecurrentLM
import Testing

/// The rules move the same weights on any number of threads.
@Suite struct RulesOnThreadsTests {
    /// Tensors longer than a part, and shorter.
    private let config = ModelConfig(hidden: 100, layers: 1, mlpWidth: 130)

    private func makeVotes(_ layout: ParameterLayout) -> Votes {
        let votes = Votes(layout: layout)
        // 64 directions with an RMS of 2048 without signal.
        votes.fitness = Fitness(.sign, values: [Int8](repeating: 1, count: 64))
        for tensor in layout.tensors {
            for i in 0..<tensor.count {
                votes.values[tensor.id].pointer[i] = Int32((i * 7919 + tensor.id) % 9001 - 4500)
            }
        }
        return votes
    }

    private func train(
        _ makeRule: (Parameters) -> any UpdateRule
    ) -> (values: [[Int8]], changed: [Int], state: WeightState) {
        var parameters = Parameters(config: config, seed: 2)
        let rule = makeRule(parameters)
        let votes = makeVotes(parameters.layout)
        let changed = (0..<3).map { rule.apply(votes, to: &parameters, step: 20 * $0).changed }
        return (parameters.values, changed, rule.state)
    }

    @Test(arguments: [1, 2, 3, 5])
    func residual(threads: Int) {
        let schedule = RateSchedule(
            rate: RateSchedule.one, decay: RateSchedule.one / 500, steps: 100)
        let pool = WorkerPool(threads: threads)
        let alone = train { ResidualRule(schedule: schedule, parameters: $0) }
        let together = train { ResidualRule(schedule: schedule, parameters: $0, pool: pool) }
        #expect(together == alone)
        #expect(alone.changed.allSatisfy { $0 > 0 })
    }

    @Test(arguments: [1, 2, 3, 5])
    func threshold(threads: Int) {
        let schedule = ThresholdSchedule(decaySteps: 50)
        let pool = WorkerPool(threads: threads)
        let alone = train { _ in ThresholdRule(schedule: schedule) }
        let together = train { _ in ThresholdRule(schedule: schedule, pool: pool) }
        #expect(together == alone)
        #expect(alone.changed.allSatisfy { $0 > 0 })
    }
}
