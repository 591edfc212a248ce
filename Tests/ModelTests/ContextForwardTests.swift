import IntegerTensor
import RecurrentLM
import Reference
import Testing

@testable import EvolutionStrategy

/// A model with contexts, whose rows of a block equal the reference.
struct ContextForwardCase: CustomTestStringConvertible {
    let hidden: Int
    let layers: Int
    let contexts: [ContextKind]
    var vocabulary = 256
    let rows: Int
    let direct: Bool

    var testDescription: String {
        "\(layers)x\(hidden) contexts \(contexts.list) of \(vocabulary) rows \(rows)"
            + (direct ? " direct" : "")
    }

    var config: ModelConfig {
        ModelConfig(
            vocabulary: vocabulary, hidden: hidden, layers: layers, mlpWidth: hidden / 2,
            contexts: contexts, contextRows: 256, direct: direct)
    }

    static let all: [ContextForwardCase] = [
        (64, 1, [.bytes(2)]), (1, 1, [.word]), (7, 3, [.bytes(1), .bytes(7), .wordPair]),
        (65, 2, [.word, .bytes(3)]), (100, 1, ContextKind.byteRange.map(ContextKind.bytes)),
        (128, 1, [.wordPair, .word, .bytes(4), .bytes(1)]),
    ].flatMap { (hidden: Int, layers: Int, contexts: [ContextKind]) in
        [1, 5, 130].flatMap { rows in
            [false, true].map { direct in
                ContextForwardCase(
                    hidden: hidden, layers: layers, contexts: contexts, rows: rows, direct: direct)
            }
        }
    }
}

@Suite struct ContextForwardTests {
    private static func parameters(_ config: ModelConfig) -> Parameters {
        let parameters = Parameters(config: config, seed: 3)
        parameters.contexts?.fill(seed: 4)
        parameters.direct?.fill(seed: 5)
        return parameters
    }

    @Test(arguments: ContextForwardCase.all, Kernel.available)
    func cleanRowsEqualTheReference(test: ContextForwardCase, kernel: Kernel) throws {
        let parameters = Self.parameters(test.config)
        let texts: [[UInt8]] = (0..<16).map { time in
            let seed = 10 * (time / 8) + time % 8
            return BatchedEqualsReferenceTests.tokens(count: test.rows, seed: UInt64(seed))
        }
        let streams: [[UInt8]] = (0..<test.rows).map { row in texts.map { $0[row] } }
        parameters.giveRows(toContextsOf: streams)
        let forward = BlockForward(
            model: PreparedModel(parameters, kernel: kernel), capacity: test.rows)
        let states = HiddenStates(rows: test.rows + 2, config: test.config)
        var references = (0..<test.rows).map { _ in ReferenceModel(parameters) }
        for segment in 0..<2 {
            // Not the first rows of the states, which are carried over.
            forward.begin(rows: test.rows, states: states, firstState: 2)
            for time in 0..<8 {
                let tokens = BatchedEqualsReferenceTests.tokens(
                    count: test.rows, seed: UInt64(10 * segment + time))
                forward.step(tokens, stride: 1)
                for row in references.indices {
                    #expect(references[row].step(tokens[row]) == forward.logits(row: row))
                }
            }
        }
        for (row, reference) in references.enumerated() {
            #expect(states.values(row: row + 2) == reference.state, "row \(row)")
            let hashes = test.config.contexts.map { reference.history.hash($0) }
            let found = hashes.indices.map { forward.lastContextHashes[row * hashes.count + $0] }
            #expect(found == hashes, "row \(row)")
        }
        #expect(states.historyValues(rows: 0..<2).allSatisfy { $0 == 0 })
    }

    /// The largest of a token's logits is 127, so that what bytes share as probability is not lost at the bounds.
    @Test func theLargestLogitOfDirectConnectionsIs127() throws {
        let config = ModelConfig(
            hidden: 8, layers: 1, mlpWidth: 4, contexts: [.bytes(1), .word], contextRows: 256,
            direct: true)
        let forward = BlockForward(
            model: PreparedModel(Self.parameters(config), kernel: try .named("auto")), capacity: 3)
        forward.begin(rows: 3, states: HiddenStates(rows: 3, config: config), firstState: 0)
        for time in 0..<20 {
            forward.step(
                BatchedEqualsReferenceTests.tokens(count: 3, seed: UInt64(time)), stride: 1)
            for row in 0..<3 {
                let logits = forward.logits(row: row)
                #expect(logits.max() == 127 && !logits.contains(-128))
            }
        }
    }

    /// Rows of zeros only shift the logits, but for those that the lower bound stops.
    @Test func directConnectionsOfZerosKeepDifferences() throws {
        let plain = ModelConfig(
            hidden: 8, layers: 1, mlpWidth: 4, contexts: [.bytes(1)], contextRows: 256)
        var direct = plain
        direct.direct = true
        var models = [plain, direct].map { ReferenceModel(Parameters(config: $0, seed: 3)) }
        for token: UInt8 in [7, 0, 200, 13] {
            let (first, second) = (models[0].step(token), models[1].step(token))
            let most = try #require(first.max())
            #expect(second == first.map { Int8(max(-127, Int($0) - Int(most) + 127)) })
        }
    }
}
