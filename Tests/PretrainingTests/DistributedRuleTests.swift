import IntegerTensor
import Processes
import RecurrentLM
import Synchronization
import TestSupport
import Testing

@testable import EvolutionStrategy

/// Rules of which each process applies a share.
@Suite struct DistributedRuleTests {
    /// Matrices with more and with fewer rows than a cut has, with an MLP that no cut divides.
    private static let model = ModelConfig(hidden: 100, layers: 1, mlpWidth: 130)

    @Test(arguments: [
        [1], [1, 1], [3, 1, 2], [1, 1, 1, 1, 1], [65536, 1, 1], [Int](repeating: 2, count: 40),
    ])
    func everyWeightIsInOneSlice(_ speeds: [Int]) {
        let layout = ParameterLayout(Self.model)
        let slices = WeightSlice.slices(of: layout, speeds: speeds)
        #expect(slices.count == speeds.count)
        for tensor in layout.tensors {
            var next = 0
            for slice in slices {
                let weights = slice.weights(of: tensor)
                #expect(weights.lowerBound == next)
                next = weights.upperBound
                let first = slice.rows[tensor.id].lowerBound
                #expect(first == tensor.rows || first.isMultiple(of: 64), "a kernel's condition")
            }
            #expect(next == tensor.count)
        }
        // No share is much larger than its part, but for a cut's rows of the widest matrix.
        let total = speeds.reduce(0, +)
        for (slice, speed) in zip(slices, speeds) {
            let count = layout.tensors.reduce(0) { $0 + slice.weights(of: $1).count }
            #expect(count <= layout.parameterCount * speed / total + 64 * 130 + 100)
        }
    }

    /// What a process ends with.
    private struct Outcome: Equatable {
        var weights: [[Int8]] = []
        var changed: [Int] = []
        var state: WeightState = [:]
        /// Those of the last step, in the first process.
        var votes: [[Int32]] = []
    }

    private enum Kind: CaseIterable { case threshold, residual, momentum }

    /// Four steps in which every `stride`-th weight gets votes. A process knows the votes of its own weights only.
    private func outcome(
        _ kind: Kind, _ division: UpdateDivision, stride: Int, isFirst: Bool
    ) throws -> Outcome {
        var parameters = Parameters(config: Self.model, seed: 2)
        let layout = parameters.layout
        let schedule = RateSchedule(rate: 3 << 31, decay: 0, steps: 100)
        let slice = division.own
        let own: any UpdateRule =
            switch kind {
            case .threshold: ThresholdRule(schedule: ThresholdSchedule(), slice: slice)
            case .residual:
                ResidualRule(schedule: schedule, parameters: parameters, slice: slice)
            case .momentum:
                MomentumRule(schedule: schedule, parameters: parameters, slice: slice)
            }
        let rule = division.together(own)
        let votes = Votes(layout: layout)
        // Of an RMS of 64 without signal: √(4 · 4²) · 256 >> 5.
        votes.fitness = Fitness(.magnitude8, values: [Int8](repeating: 2, count: 64))
        var outcome = Outcome()
        for step in 0..<4 {
            for tensor in layout.tensors {
                let span = votes.values[tensor.id].span
                for index in span.indices { span[index] = 12345 }
                for index in slice.weights(of: tensor) {
                    let value = (index * 7919 + tensor.id + step) % 9001 - 4500
                    span[index] = index.isMultiple(of: stride) ? Int32(value) : 0
                }
            }
            outcome.changed.append(rule.apply(votes, to: &parameters, step: step).changed)
        }
        division.complete(votes)
        outcome.weights = parameters.values
        let state = rule.state
        guard isFirst else { return outcome }
        outcome.state = state
        outcome.votes = votes.values.map { Array($0.span) }
        return outcome
    }

    /// All weights, so that processes send all they have; some; next to none.
    @Test(arguments: [1, 7, 5000]) func processesEndWithWhatOneHas(_ stride: Int) throws {
        let layout = ParameterLayout(Self.model)
        for kind in Kind.allCases {
            let alone = try outcome(kind, .undivided(layout), stride: stride, isFirst: true)
            #expect(alone.changed[0] > 0)
            for count in [2, 5, 24] {
                let errors = together(count) { process in
                    let division = UpdateDivision(
                        process, layout, speeds: (1...count).map { $0 % 3 + 1 })
                    let found = try self.outcome(
                        kind, division, stride: stride, isFirst: process.isFirst)
                    let hasWeights = found.weights == alone.weights
                    #expect(hasWeights)
                    #expect(found.changed == alone.changed)
                    guard process.isFirst else { return }
                    let isSame = found == alone  // of a size that no message should show
                    #expect(isSame)
                }
                #expect(errors.allSatisfy { $0 == nil })
            }
        }
    }

    @Test func theUpdateIsSharedWhereThatIsFaster() {
        func isShared(_ sharing: UpdateSharing, _ weights: Int, _ directions: Int, _ threads: [Int])
            -> Bool
        {
            sharing.isShared(weights: weights, directions: directions, threads: threads)
        }
        #expect(!isShared(.always, 1 << 20, 1 << 20, [4]))
        #expect(isShared(.always, 10, 2, [1, 1]))
        #expect(!isShared(.never, 1 << 30, 1 << 20, [1, 1]))
        // A large model with a large population; a small one with few directions; votes that are summed anyhow.
        #expect(isShared(.auto, 4_800_000, 2048, [1, 1]))
        #expect(!isShared(.auto, 50_000, 64, [1, 1]))
        #expect(!isShared(.auto, 4_800_000, 0, [16, 16]))
    }
}
