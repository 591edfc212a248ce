import IntegerTensor
import RecurrentLM
import Reference
import Testing

@testable import EvolutionStrategy

/// The rule of all rows that contexts choose: those of the input and those of the logits.
@Suite struct ContextRuleTests {
    private static let contexts: [ContextKind] = [.bytes(1), .word, .bytes(3)]

    private static func parameters(
        _ contexts: [ContextKind] = contexts, direct: Bool
    ) throws -> Parameters {
        let config = ModelConfig(
            vocabulary: 70, hidden: 9, layers: 1, mlpWidth: 0, contexts: contexts,
            contextRows: contexts.isEmpty ? 0 : 256, direct: direct)
        let parameters = Parameters(config: config, seed: 1)
        parameters.contexts?.beginTraining()
        parameters.direct?.beginTraining()
        parameters.contexts?.fill(seed: 3)
        parameters.direct?.fill(seed: 4)
        return parameters
    }

    private func rule(_ parameters: Parameters, threads: Int = 1) throws -> ContextRule {
        try #require(
            ContextRule(
                parameters, rate: .ofNodePerturbation, kernel: .named("auto"),
                pool: WorkerPool(threads: threads)))
    }

    private func credits(step: Int, direct: Bool) -> ContextCredits {
        func random(_ width: Int, _ seed: Int) -> RowCredits {
            .random(slots: 200, contextsPerSlot: 3, width: width, step: step + 100 * seed)
        }
        return ContextCredits(inputs: random(9, 0), logits: direct ? random(70, 1) : nil)
    }

    @Test func aModelWithoutContextsHasNoRule() throws {
        let rule = try ContextRule(
            Self.parameters([], direct: false), rate: .ofEggroll, kernel: try .named("auto"),
            pool: WorkerPool(threads: 1))
        #expect(rule == nil)
    }

    /// Input rows move at the method's rate, logit rows at their own.
    @Test(arguments: [false, true]) func everyTableHasItsOwnRule(_ direct: Bool) throws {
        let moved = try Self.parameters(direct: direct)
        let expected = try Self.parameters(direct: direct)
        let rule = try rule(moved, threads: 2)
        func alone(_ table: ContextTable?, _ rate: RowRate) throws -> RowRule? {
            try table.map {
                RowRule($0, rate, kernel: try .named("auto"), pool: WorkerPool(threads: 1))
            }
        }
        let inputs = try alone(expected.contexts, .ofNodePerturbation)
        let logits = try alone(expected.direct, .logits)
        for step in 0..<2 {
            let credits = credits(step: step, direct: direct)
            rule.apply(credits, step: step, schedule: nil)
            inputs?.apply(credits.inputs, step: step, schedule: nil)
            if let errors = credits.logits { logits?.apply(errors, step: step, schedule: nil) }
        }
        #expect(moved.contexts?.fineValues == expected.contexts?.fineValues)
        #expect(moved.direct?.fineValues == expected.direct?.fineValues)
        #expect((moved.direct != nil) == direct)
        let states = (inputs?.state("inputs") ?? []) + (logits?.state("logits") ?? [])
        #expect(rule.state.map(\.name) == states.map(\.name))
        #expect(rule.state.map(\.bytes) == states.map(\.bytes))
        #expect(rule.state.count == (direct ? 6 : 3))
    }

    @Test(arguments: [false, true]) func stateContinuesWhereItWas(_ direct: Bool) throws {
        let straight = try Self.parameters(direct: direct)
        let resumed = try Self.parameters(direct: direct)
        let rule = try rule(straight)
        rule.apply(credits(step: 1, direct: direct), step: 1, schedule: nil)
        // As a checkpoint does: the weights, then what training has below them.
        for (own, other) in [
            (resumed.contexts, straight.contexts), (resumed.direct, straight.direct),
        ] {
            if let other { own?.copyWeights(of: other) }
        }
        let continued = try self.rule(resumed, threads: 3)
        for (own, other) in zip(continued.state, rule.state) {
            other.bytes.withUnsafeBytes { own.restore(0..<own.count, $0) }
        }
        rule.apply(credits(step: 2, direct: direct), step: 2, schedule: nil)
        continued.apply(credits(step: 2, direct: direct), step: 2, schedule: nil)
        #expect(resumed.contexts?.fineValues == straight.contexts?.fineValues)
        #expect(resumed.direct?.fineValues == straight.direct?.fineValues)
        #expect(continued.state.map(\.bytes) == rule.state.map(\.bytes))
    }
}

extension ContextTable {
    /// Takes the weights and the owners of another table, as from a file, without what is below the weights.
    fileprivate func copyWeights(of other: ContextTable) {
        copy(other)
        for row in 0..<rows { parts(row: row)?.update(repeating: 0, count: width) }
    }
}
