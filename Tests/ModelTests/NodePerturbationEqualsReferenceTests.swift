import IntegerTensor
import RecurrentLM
import Reference
import SeededNoise
import Testing
import TokenShards

@testable import EvolutionStrategy

/// A shape and population on which the batched estimator must equal the reference.
struct ActivationCase: CustomTestStringConvertible {
    var hidden = 64
    var layers = 1
    var mlpWidth = 64
    var gate = GateFunction.identity
    var mlp = MLPFunction.relu
    var head = HeadRule.delta
    var feedback = FeedbackRule.none
    var noise = 2
    var headDraws = 4
    var population = 6
    var groupSize = 2
    var segmentTokens = 3
    var threads = 2
    var extremeWeights = false
    var contexts: [ContextKind] = []
    var direct = false

    var testDescription: String {
        "\(layers)x\(hidden) mlp \(mlpWidth) \(gate) \(mlp) \(head) feedback \(feedback) noise \(noise)"
            + " N \(population) G \(groupSize) T \(segmentTokens) threads \(threads)"
            + (extremeWeights ? " extreme" : "")
            + (contexts.isEmpty ? "" : " contexts \(contexts.list)") + (direct ? " direct" : "")
    }

    var config: ModelConfig {
        ModelConfig(
            hidden: hidden, layers: layers, mlpWidth: mlpWidth, gate: gate,
            mlp: mlp, contexts: contexts, contextRows: contexts.isEmpty ? 0 : 256, direct: direct)
    }

    static let all: [ActivationCase] = [
        ActivationCase(), ActivationCase(head: .perturbation),
        ActivationCase(hidden: 1, mlpWidth: 0, population: 2, segmentTokens: 1),
        ActivationCase(hidden: 7, layers: 3, mlpWidth: 5, mlp: .identity, threads: 3),
        ActivationCase(hidden: 65, mlpWidth: 129, gate: .sigmoid, threads: 1),
        ActivationCase(
            hidden: 100, layers: 2, mlpWidth: 70, head: .perturbation, noise: 30, headDraws: 1),
        ActivationCase(
            hidden: 33, layers: 2, mlpWidth: 0, head: .perturbation, noise: 1, headDraws: 16),
        ActivationCase(hidden: 96, population: 8, extremeWeights: true),
        ActivationCase(hidden: 16, mlpWidth: 16, population: 130, threads: 3),
        ActivationCase(hidden: 24, mlpWidth: 9, population: 24, groupSize: 8, segmentTokens: 20),
        ActivationCase(
            hidden: 8, mlpWidth: 8, head: .perturbation, headDraws: 3, segmentTokens: 150),
        ActivationCase(
            hidden: 96, head: .perturbation, population: 70, threads: 3, extremeWeights: true),
        ActivationCase(feedback: .learned, noise: 3),
        ActivationCase(
            hidden: 7, layers: 3, mlpWidth: 5, mlp: .identity, feedback: .learned, threads: 3),
        ActivationCase(
            hidden: 70, mlpWidth: 130, gate: .sigmoid, feedback: .learned, noise: 30,
            population: 40,
            segmentTokens: 9),
        ActivationCase(
            hidden: 1, mlpWidth: 0, feedback: .learned, noise: 1, population: 2, segmentTokens: 1),
        ActivationCase(
            hidden: 96, feedback: .learned, population: 70, threads: 3, extremeWeights: true),
        // Several pairs a group.
        ActivationCase(feedback: .learned, noise: 3, population: 24, groupSize: 8),
        ActivationCase(
            hidden: 40, layers: 3, mlpWidth: 17, head: .perturbation, population: 30, groupSize: 6,
            segmentTokens: 5, threads: 3),
        ActivationCase(
            hidden: 70, layers: 2, mlpWidth: 33, gate: .sigmoid, feedback: .learned, noise: 30,
            population: 128, groupSize: 128, segmentTokens: 2),
        ActivationCase(
            hidden: 96, feedback: .learned, population: 60, groupSize: 10, threads: 3,
            extremeWeights: true),
        ActivationCase(hidden: 9, mlpWidth: 0, population: 400, groupSize: 4, segmentTokens: 2),
        ActivationCase(feedback: .learned, noise: 3, population: 30, groupSize: 6, threads: 3),
        ActivationCase(feedback: .learned, population: 416, groupSize: 32, segmentTokens: 2),
        // Rows of contexts.
        ActivationCase(contexts: [.bytes(2)]),
        ActivationCase(
            hidden: 7, layers: 3, mlpWidth: 5, mlp: .identity, threads: 3,
            contexts: [.word, .bytes(1), .wordPair]),
        ActivationCase(
            hidden: 65, mlpWidth: 0, gate: .sigmoid, feedback: .learned, noise: 3, population: 40,
            segmentTokens: 9, threads: 3, contexts: [.bytes(1), .bytes(2), .bytes(7)]),
        ActivationCase(
            hidden: 33, layers: 2, mlpWidth: 17, head: .perturbation, population: 30, groupSize: 6,
            segmentTokens: 20, contexts: [.bytes(3), .word]),
        ActivationCase(
            hidden: 70, mlpWidth: 130, feedback: .learned, noise: 30, population: 64, groupSize: 16,
            segmentTokens: 5, threads: 1, contexts: ContextKind.all),
        ActivationCase(
            hidden: 96, feedback: .learned, population: 60, groupSize: 10, threads: 3,
            extremeWeights: true, contexts: ContextKind.all),
        ActivationCase(
            hidden: 1, mlpWidth: 0, feedback: .learned, noise: 1, population: 2, segmentTokens: 1,
            contexts: [.bytes(1)]),
        // Rows for the logits too, for one draw a group and for several.
        ActivationCase(contexts: [.bytes(2)], direct: true),
        ActivationCase(
            hidden: 1, mlpWidth: 0, head: .perturbation, noise: 1, population: 2, segmentTokens: 1,
            contexts: [.wordPair], direct: true),
        ActivationCase(
            hidden: 7, layers: 3, mlpWidth: 5, mlp: .identity, population: 130, threads: 3,
            contexts: [.word, .bytes(1), .wordPair], direct: true),
        ActivationCase(
            feedback: .learned, noise: 3, population: 24, groupSize: 8, segmentTokens: 9,
            contexts: [.bytes(1), .bytes(3)], direct: true),
        ActivationCase(
            hidden: 33, layers: 2, mlpWidth: 17, head: .perturbation, population: 30, groupSize: 6,
            segmentTokens: 20, threads: 3, contexts: [.bytes(3), .word], direct: true),
        ActivationCase(
            hidden: 70, feedback: .learned, noise: 30, population: 128, groupSize: 128,
            segmentTokens: 5, contexts: ContextKind.all, direct: true),
        ActivationCase(
            hidden: 96, feedback: .learned, population: 60, groupSize: 10, threads: 3,
            extremeWeights: true, contexts: ContextKind.all, direct: true),
    ]
}

@Suite struct NodePerturbationEqualsReferenceTests {
    private static let seed: UInt64 = 11

    @Test(arguments: ActivationCase.all, Kernel.available)
    func votesAndStates(test: ActivationCase, kernel: Kernel) throws {
        let parameters =
            test.extremeWeights
            ? try BatchedEqualsReferenceTests.extreme(test.config)
            : Parameters(config: test.config, seed: 3)
        parameters.contexts?.fill(seed: 4)
        parameters.direct?.fill(seed: 5)
        let population = Population(
            size: test.population, groupSize: test.groupSize, segmentTokens: test.segmentTokens)
        parameters.giveRows(toContextsOf: (0..<3).map { segment(population, step: $0).tokens })
        let settings = NodePerturbationSettings(
            head: test.head, feedback: test.feedback, noise: test.noise, headDraws: test.headDraws)
        var comparison = try NodePerturbationComparison(
            population: population, settings: settings, parameters: parameters, seed: Self.seed,
            kernel: kernel, pool: WorkerPool(threads: test.threads))
        // Three segments: the states are carried over, and the scales follow.
        for step in 0..<3 {
            #expect(
                comparison.firstDifference(on: segment(population, step: step)) == nil,
                "step \(step)")
        }
    }

    private func segment(_ population: Population, step: Int) -> Segment {
        Segment(
            tokens: BatchedEqualsReferenceTests.tokens(
                count: population.streams * (population.segmentTokens + 1), seed: UInt64(step)),
            streams: population.streams, length: population.segmentTokens, position: step)
    }

    /// A run with a state restored goes on as the one that it was taken from.
    @Test(
        arguments: [
            ActivationCase(), ActivationCase(contexts: [.bytes(3), .wordPair]),
            ActivationCase(contexts: [.bytes(3), .wordPair], direct: true),
        ])
    func stateContinuesWhereItWas(_ test: ActivationCase) throws {
        let parameters = Parameters(config: test.config, seed: 3)
        parameters.contexts?.fill(seed: 4)
        parameters.direct?.fill(seed: 5)
        let population = Population(size: 6, segmentTokens: 4)
        func make() throws -> NodePerturbationEstimator {
            NodePerturbationEstimator(
                population: population, settings: NodePerturbationSettings(),
                parameters: parameters,
                seed: Self.seed, kernel: try .named("portable"), pool: WorkerPool(threads: 1))
        }
        let votes = Votes(layout: parameters.layout)
        let straight = try make()
        _ = straight.estimate(
            segment(population, step: 1), parameters: parameters, step: 1, votes: votes)
        let resumed = try make()
        try resumed.restore(straight.state)
        #expect(resumed.scales == straight.scales)
        let last = segment(population, step: 2)
        _ = straight.estimate(last, parameters: parameters, step: 2, votes: votes)
        let expected = votes.values.map { Array($0.span) }
        let credits = votes.contexts.map(Self.values)
        _ = resumed.estimate(last, parameters: parameters, step: 2, votes: votes)
        #expect(votes.values.map { Array($0.span) } == expected)
        #expect(votes.contexts.map(Self.values) == credits)
        #expect(credits?.count == (test.contexts.isEmpty ? nil : test.direct ? 2 : 1))
    }

    /// The contexts and the values of each table's credits.
    private static func values(_ credits: ContextCredits) -> [[Int]] {
        [credits.inputs, credits.logits].compactMap { $0 }.map { credits in
            credits.contexts.span.map { Int($0) }
                + (0..<credits.slots).flatMap { credits.credits.values(row: $0).map { Int($0) } }
        }
    }

    /// States that do not fit, and numbers that no run can have had.
    @Test func refusesAStateThatDoesNotFit() throws {
        let parameters = Parameters(config: ActivationCase().config, seed: 3)
        let estimator = NodePerturbationEstimator(
            population: Population(size: 6, segmentTokens: 4), settings: NodePerturbationSettings(),
            parameters: parameters, seed: 1, kernel: try .named("portable"),
            pool: WorkerPool(threads: 1))
        let good = estimator.state
        let bad: [(String, StateValues?)] = [
            ("states", nil), ("states", .int8([0])), ("states", .int32([])),
            ("states", .int8([Int8](repeating: -128, count: 3 * 64))), ("scales", nil),
            ("scales", .int32([1, 1, 1])), ("scales", .int32([0, 1, 1, 1])),
            ("scales", .int32([1, 0, 1, 1])), ("scales", .int32([1, 1, 1, 1 << 15])),
            ("scales", .int32([65537, 1, 1, 1])), ("scales", .int32([1, 65537, 1, 1])),
        ]
        for (name, values) in bad {
            var state = good
            state[name] = values
            #expect(throws: ModelError.self, "\(name)") { try estimator.restore(state) }
        }
    }

    /// The same of the histories of contexts.
    @Test func refusesHistoriesThatDoNotFit() throws {
        let config = ActivationCase(contexts: [.bytes(3), .word]).config
        let estimator = NodePerturbationEstimator(
            population: Population(size: 6, segmentTokens: 4), settings: NodePerturbationSettings(),
            parameters: Parameters(config: config, seed: 3), seed: 1,
            kernel: try .named("portable"), pool: WorkerPool(threads: 1))
        let good = estimator.state
        try estimator.restore(good)
        let width = HiddenStates.historyWidth(config)
        let bad: [StateValues?] = [
            nil, .int32([]), .int8([Int8](repeating: 0, count: 3 * width)),
            .int32([Int32](repeating: 0, count: 3 * width - 1)),
            .int32([Int32](repeating: 0, count: 4 * width)),
        ]
        for values in bad {
            var state = good
            state["histories"] = values
            #expect(throws: ModelError.self) { try estimator.restore(state) }
        }
        // Any numbers are a history.
        var state = good
        state["histories"] = .int32([Int32](repeating: .min, count: 3 * width))
        try estimator.restore(state)
    }

    /// The same of learned feedback.
    @Test func refusesFeedbackThatDoesNotFit() throws {
        let parameters = Parameters(config: ActivationCase().config, seed: 3)
        let estimator = NodePerturbationEstimator(
            population: Population(size: 6, segmentTokens: 4),
            settings: NodePerturbationSettings(feedback: .learned), parameters: parameters, seed: 1,
            kernel: try .named("portable"), pool: WorkerPool(threads: 1))
        let good = estimator.state
        try estimator.restore(good)
        let zeros = [Int32](repeating: 0, count: 64 * 256)
        let bad: [(String, StateValues?)] = [
            ("feedback.residual.layers.0.state", nil), ("feedback.momentum.layers.0.inner", nil),
            ("feedback.residual.layers.0.state", .int32([0])),
            ("feedback.residual.layers.0.state", .int8([])),
            ("feedback.residual.layers.0.inner", .int32([127 << 16 + 1] + zeros.dropFirst())),
        ]
        for (name, values) in bad {
            var state = good
            state[name] = values
            #expect(throws: ModelError.self, "\(name)") { try estimator.restore(state) }
        }
    }
}
