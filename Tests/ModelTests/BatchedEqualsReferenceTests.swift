import IntegerTensor
import RecurrentLM
import Reference
import SeededNoise
import Testing
import TokenShards

@testable import EvolutionStrategy

/// A shape and population on which the batched path must equal the reference.
struct EqualityCase: CustomTestStringConvertible {
    var hidden = 64
    var layers = 1
    var mlpWidth = 64
    var gate = GateFunction.identity
    var mlp = MLPFunction.identity
    var population = 6
    var groupSize = 2
    var sigmaShift = 4
    var rank = NoiseRank.one
    var sequences = 1
    var extremeWeights = false
    var loss = LossResolution.sixteenth
    var contexts: [ContextKind] = []

    var testDescription: String {
        "\(layers)x\(hidden) mlp \(mlpWidth) \(gate) \(mlp) N \(population)"
            + " G \(groupSize) shift \(sigmaShift) rank \(rank.terms) seq \(sequences)"
            + (extremeWeights ? " extreme" : "") + (loss == .fine ? " fine" : "")
            + (contexts.isEmpty ? "" : " contexts \(contexts.list)")
    }

    var config: ModelConfig {
        ModelConfig(
            hidden: hidden, layers: layers, mlpWidth: mlpWidth, gate: gate,
            mlp: mlp, contexts: contexts, contextRows: contexts.isEmpty ? 0 : 256)
    }

    static let all: [EqualityCase] =
        [64, 128, 192, 320].flatMap { hidden in
            [0, 64, 4 * hidden].map { EqualityCase(hidden: hidden, mlpWidth: $0) }
        }
        + (2...6).map { EqualityCase(layers: 2, sigmaShift: $0) }
        + [.four, .sixteen].flatMap { rank in
            [2, 4, 6].flatMap { shift in
                [
                    EqualityCase(
                        hidden: 7, layers: 2, mlpWidth: 33, sigmaShift: shift, rank: rank),
                    EqualityCase(
                        hidden: 64, mlpWidth: 1100, population: 8, groupSize: 4, sigmaShift: shift,
                        rank: rank, sequences: 3, contexts: [.word]),
                    EqualityCase(
                        hidden: 100, mlpWidth: 0, sigmaShift: shift, rank: rank,
                        extremeWeights: true),
                ]
            }
        }
        + [
            EqualityCase(hidden: 1, mlpWidth: 3), EqualityCase(hidden: 7, layers: 3, mlpWidth: 5),
            EqualityCase(hidden: 65, mlpWidth: 129), EqualityCase(hidden: 100, mlpWidth: 1100),
            EqualityCase(gate: .sigmoid, mlp: .relu),
            EqualityCase(mlp: .relu, population: 12, loss: .fine),
            EqualityCase(hidden: 96, population: 8, extremeWeights: true, loss: .fine),
            EqualityCase(hidden: 33, gate: .sigmoid, mlp: .relu, population: 2),
            EqualityCase(hidden: 48, population: 98), EqualityCase(hidden: 16, population: 150),
            EqualityCase(hidden: 24, population: 24, groupSize: 8),
            EqualityCase(hidden: 24, population: 14, sequences: 5),
            EqualityCase(hidden: 24, population: 12, groupSize: 4, sequences: 3),
        ]
        + [64, 192, 1100].flatMap { width in
            [2, 4, 6].map { shift in
                EqualityCase(
                    hidden: 64, mlpWidth: width, population: 8, sigmaShift: shift,
                    extremeWeights: true)
            }
        } + withContexts

    /// Noise along the rows of contexts beside that along the matrices.
    private static let withContexts =
        [1, 7, 64, 65].map { EqualityCase(hidden: $0, mlpWidth: 9, contexts: [.bytes(2)]) }
        + (2...6).map {
            EqualityCase(layers: 2, mlpWidth: 0, sigmaShift: $0, contexts: [.word, .bytes(1)])
        }
        + [
            EqualityCase(hidden: 33, population: 98, contexts: [.wordPair, .bytes(3)]),
            EqualityCase(hidden: 24, population: 24, groupSize: 8, contexts: [.bytes(1), .word]),
            EqualityCase(
                hidden: 24, population: 12, groupSize: 4, sequences: 3, loss: .fine,
                contexts: ContextKind.all),
            EqualityCase(
                hidden: 70, population: 8, sigmaShift: 2, extremeWeights: true,
                contexts: ContextKind.all),
        ]
}

@Suite struct BatchedEqualsReferenceTests {
    /// Tokens with separators among them, a pure function of the seed.
    static func tokens(count: Int, seed: UInt64) -> [UInt8] {
        (0..<count).map { index in
            let word = NoiseKey(seed: seed, domain: .story).words(block: UInt32(index))
            return word[0] % 5 == 0 ? 0 : UInt8(truncatingIfNeeded: word[1])
        }
    }

    /// Weights of the largest magnitudes, signs from a hash.
    static func extreme(_ config: ModelConfig) throws -> Parameters {
        let layout = ParameterLayout(config)
        return try Parameters(
            config: config,
            values: layout.tensors.map { tensor in
                tokens(count: tensor.count, seed: UInt64(tensor.id)).map { $0 < 128 ? 127 : -127 }
            })
    }

    /// Noise that is the largest that kernels take everywhere, from a source of seeds.
    struct ExtremePerturbations: PerturbationSource {
        let seeds: SeededPerturbations
        let rank: NoiseRank
        /// The kernels bound the noise of rows by the largest that a draw can give, so that is left as it is.
        var rowNoise: RowNoise { seeds.rowNoise }
        func fill(
            _ output: UnsafeMutablePointer<Int8>, tensor: Int, side: PerturbationSide, pair: Int,
            term: Int, first: Int, count: Int
        ) {
            seeds.fill(
                output, tensor: tensor, side: side, pair: pair, term: term, first: first,
                count: count)
            let most: Int8 = rank == .one ? 127 : 64
            for i in 0..<count { output[i] = output[i] < 0 ? -most : most }
        }
    }

    @Test(arguments: EqualityCase.all, Kernel.available)
    func scoresAndStates(test: EqualityCase, kernel: Kernel) throws {
        let parameters =
            test.extremeWeights
            ? try Self.extreme(test.config) : Parameters(config: test.config, seed: 3)
        parameters.contexts?.fill(seed: 4)
        let seeds = SeededPerturbations(kernel: kernel, seed: 11, epoch: 2)
        if test.extremeWeights {
            try check(test, parameters, kernel, ExtremePerturbations(seeds: seeds, rank: test.rank))
        } else {
            try check(test, parameters, kernel, seeds)
        }
    }

    private func check(
        _ test: EqualityCase, _ parameters: Parameters, _ kernel: Kernel,
        _ source: some PerturbationSource
    ) throws {
        let population = Population(
            size: test.population, groupSize: test.groupSize, segmentTokens: 3,
            sigmaShift: test.sigmaShift, rank: test.rank, sequencesPerMember: test.sequences)
        try population.validate(for: test.config)
        let evaluator = PopulationEvaluator(
            population: population,
            model: PreparedModel(parameters, kernel: kernel, loss: test.loss),
            pool: WorkerPool(threads: 2))
        let width = population.segmentTokens + 1
        // Two segments, so that the states are carried over.
        let segments = (0..<2).map { index in
            Segment(
                tokens: Self.tokens(count: population.streams * width, seed: UInt64(index)),
                streams: population.streams, length: population.segmentTokens, position: index)
        }
        parameters.giveRows(toContextsOf: segments.map(\.tokens))
        let scores = segments.map { evaluator.scores($0, source: source) }
        for member in 0..<population.size {
            let noise = MemberNoise(
                layout: parameters.layout, source: source, pair: member / 2,
                sign: member % 2 == 0 ? 1 : -1, shape: population.noiseShape)
            var expected: [Int32] = [0, 0]
            for row in member * test.sequences..<(member + 1) * test.sequences {
                var model = ReferenceModel(parameters, noise: noise)
                for (index, segment) in segments.enumerated() {
                    let start = population.stream(row: row) * width
                    expected[index] += model.score(
                        segment.tokens[start..<start + width], loss: test.loss)
                }
                #expect(evaluator.states.values(row: row) == model.state, "row \(row)")
            }
            #expect(scores.map { $0.members[member] } == expected, "member \(member)")
        }
    }
}

extension ReferenceModel {
    /// Σ of the log-likelihoods of the tokens after the first.
    mutating func score(_ tokens: ArraySlice<UInt8>, loss: LossResolution) -> Int32 {
        zip(tokens, tokens.dropFirst()).reduce(0) { sum, pair in
            sum + Self.logLikelihood(step(pair.0), target: pair.1, loss: loss)
        }
    }
}
