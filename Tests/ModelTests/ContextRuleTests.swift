import IntegerTensor
import RecurrentLM
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
        try parameters.contexts?.beginTraining()
        try parameters.direct?.beginTraining()
        parameters.contexts?.fill(seed: 3)
        parameters.direct?.fill(seed: 4)
        return parameters
    }

    private func rule(_ parameters: Parameters, threads: Int = 1) throws -> ContextRule {
        try #require(
            try ContextRule(
                parameters, rate: .ofNodePerturbation, kernel: .named("auto"),
                pool: WorkerPool(threads: threads)))
    }

    private func credits(step: Int, direct: Bool) -> ContextCredits {
        func random(_ width: Int, _ seed: Int) -> RowCredits {
            .random(slots: 200, rowsPerSlot: 3, width: width, step: step + 100 * seed)
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
        #expect(moved.contexts?.values == expected.contexts?.values)
        #expect(moved.direct?.values == expected.direct?.values)
        #expect((moved.direct != nil) == direct)
        let states = (inputs?.state("inputs") ?? []) + (logits?.state("logits") ?? [])
        #expect(rule.state.map(\.name) == states.map(\.name))
        #expect(rule.state.map(\.bytes) == states.map(\.bytes))
        #expect(rule.state.count == (direct ? 4 : 2))
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
            let isSound = other.bytes.withUnsafeBytes { own.restore(0..<own.count, $0) }
            #expect(isSound, "\(own.name)")
        }
        rule.apply(credits(step: 2, direct: direct), step: 2, schedule: nil)
        continued.apply(credits(step: 2, direct: direct), step: 2, schedule: nil)
        #expect(resumed.contexts?.values == straight.contexts?.values)
        #expect(resumed.direct?.values == straight.direct?.values)
        #expect(continued.state.map(\.bytes) == rule.state.map(\.bytes))
    }

    /// What is below a weight is less than half of it.
    @Test(arguments: [Int8(4), -5, 127, -127]) func partsBeyondAWeightAreRefused(_ part: Int8)
        throws
    {
        let rule = try rule(try Self.parameters(direct: false))
        let fine = try #require(rule.state.first { $0.name == "fine.inputs" })
        let bytes = [UInt8](repeating: UInt8(bitPattern: part), count: fine.count)
        #expect(!bytes.withUnsafeBytes { fine.restore(0..<fine.count, $0) })
    }

    /// A model whose weights training could not have made is not trained on.
    @Test func weightsBeyondTheRangeAreRefused() throws {
        let config = ModelConfig(
            hidden: 9, layers: 1, mlpWidth: 0, contexts: Self.contexts, contextRows: 256)
        let parameters = Parameters(config: config, seed: 1)
        let table = try #require(parameters.contexts)
        table.row(7)[3] = 16
        try table.beginTraining()
        #expect(table.row(7)[3] == 127 && table.weights(row: 7)[3] == 16)
        let other = Parameters(config: config, seed: 1)
        other.contexts?.row(7)[3] = -17
        let error = #expect(throws: ModelError.self) { try rule(other) }
        #expect(error?.finding.contains("-17") == true)
    }
}

extension ContextTable {
    /// Takes the weights of another table, as from a file, without what is below them.
    fileprivate func copyWeights(of other: ContextTable) {
        for row in 0..<rows {
            for (i, weight) in other.weights(row: row).enumerated() {
                self.row(row)[i] = Int8(min(127, max(-127, Int(weight) << fineBits)))
            }
        }
    }
}
