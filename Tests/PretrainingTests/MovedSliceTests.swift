import EvolutionStrategy
import IntegerTensor
import Processes
import RecurrentLM
import Testing
import TokenShards

@testable import Pretraining

/// Shares that change in the middle of a run: votes and states of one process.
@Suite struct MovedSliceTests {
    private static let populations = [
        ("eggroll", "size: 26, groupSize: 2"),
        ("eggroll", "size: 24, groupSize: 12, sequencesPerMember: 3"),
        ("eggroll", "size: 30, groupSize: 6, sampling: one-sided, sequencesPerMember: 2"),
        ("node-perturbation", "size: 20, groupSize: 4"),
        ("node-perturbation", "size: 26, feedback: learned"),
        ("node-perturbation", "size: 40, groupSize: 8, feedback: learned"),
    ]

    /// The votes of a step, and the state after it.
    private struct Outcome: Equatable {
        let votes: [[Int32]]
        let state: [String: StateValues]
    }

    private func segment(_ estimator: any Estimator, step: Int) -> Segment {
        let count = estimator.streams * (estimator.segmentTokens + 1)
        return Segment(
            tokens: (0..<count).map { UInt8(truncatingIfNeeded: ($0 + step) * 7919 / 13) },
            streams: estimator.streams, length: estimator.segmentTokens, position: step)
    }

    /// Six steps, after the second and fourth of which shares are moved; the whole state at the end.
    private func outcome(_ config: RunConfig, _ process: any ProcessGroup) throws -> Outcome {
        let parameters = Parameters(config: config.model, seed: 3)
        let pool = WorkerPool(threads: 2)
        var division = WorkDivision(process, threads: 1)
        func make() throws -> any Estimator {
            config.method.makeEstimator(
                MethodResources(
                    parameters: parameters, seed: config.seed, kernel: try .named("auto"),
                    pool: pool,
                    division: division))
        }
        var estimator = try make()
        let votes = Votes(layout: parameters.layout)
        for step in 1...6 {
            _ = estimator.estimate(
                segment(estimator, step: step), parameters: parameters, step: step, votes: votes)
            guard step < 5, step.isMultiple(of: 2), process.count > 1 else { continue }
            let times = step == 2 ? [100, 900, 250] : [900, 20, 400]
            division = try #require(
                division.rebalanced(
                    afterEvaluating: estimator.sharedWork, in: times[process.rank]))
            let state = process.broadcast(estimator.state)
            estimator = try make()
            try estimator.restore(state)
        }
        return Outcome(
            votes: votes.values.map { Array($0.span) }, state: process.broadcast(estimator.state))
    }

    @Test(arguments: populations) func aMovedSliceGoesOnAsItWas(
        _ method: String, _ population: String
    ) throws {
        let run = try SharedRun(
            """
            method: \(method)
            model: {hidden: 12, layers: 2, mlpWidth: 20}
            population: {\(population), segmentTokens: 5}
            run: {steps: 8}
            """)
        let config = try run.config()
        let expected = try outcome(config, SingleProcess())
        let errors = together(3) { process in
            let found = try self.outcome(config, process)
            #expect(found == expected)
        }
        #expect(errors.allSatisfy { $0 == nil }, "\(errors)")
    }
}
