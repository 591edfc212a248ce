import Evaluation
import EvolutionStrategy
import IntegerTensor
import RecurrentLM
import Storage
import Testing
import TokenShards

@testable import Pretraining

/// What diagnostics say of weights, votes and activations that are known.
@Suite struct StepDiagnosticsTests {
    private let config = ModelConfig(hidden: 4, layers: 1, mlpWidth: 0)

    private func diagnostics(
        before: Parameters, after: Parameters, hasFitness: Bool = true
    ) -> StepDiagnostics {
        let votes = Votes(layout: after.layout)
        // √9 · 256 >> 6 = 12 is the RMS without signal.
        if hasFitness { votes.fitness = Fitness(.magnitude8, values: [3]) }
        for values in votes.values {
            for i in 0..<values.count { values.pointer[i] = i.isMultiple(of: 2) ? 18 : -18 }
        }
        return StepDiagnostics(
            before: before, after: after, votes: votes,
            pace: UpdatePace(rate: 3 << 30), activations: [])
    }

    @Test func countsWhatChangedAndWhatIsAtItsBounds() throws {
        let before = Parameters(config: config, seed: 1)
        var after = before
        let id = after.layout.layers[0].bf
        after.values[id] = [127, -127, 126, 0]
        let tensors = diagnostics(before: before, after: after).tensors
        let bias = try #require(tensors.first { $0.name == "layers.0.bf" })
        #expect(bias.saturated == 2 && bias.changed == 3 && bias.count == 4)
        // 16 · √((2·127² + 126²) / 4), rounded down.
        #expect(bias.rootMeanSquare == 1755)
        let others = tensors.filter { $0.name != "layers.0.bf" }
        #expect(others.count == before.layout.tensors.count - 1)
        #expect(others.allSatisfy { $0.changed == 0 })
    }

    @Test func comparesVotesWithTheirNoise() {
        let parameters = Parameters(config: config, seed: 1)
        let tensors = diagnostics(before: parameters, after: parameters).tensors
        #expect(tensors.allSatisfy { $0.votesToNoise == 1536 })  // 18 / 12
        let unknown = diagnostics(before: parameters, after: parameters, hasFitness: false)
        #expect(unknown.tensors.allSatisfy { $0.votesToNoise == nil })
    }

    @Test func largestVotesDoNotOverflow() {
        let parameters = Parameters(config: config, seed: 1)
        let votes = Votes(layout: parameters.layout)
        for values in votes.values {
            for i in 0..<values.count { values.pointer[i] = i.isMultiple(of: 2) ? .min : .max }
        }
        votes.fitness = Fitness(.sign, values: [0])  // an RMS of 1, the least
        let tensors = StepDiagnostics(
            before: parameters, after: parameters, votes: votes,
            pace: UpdatePace("threshold", 8, over: 16), activations: []
        ).tensors
        #expect(tensors.allSatisfy { $0.votesToNoise == 1024 * Int(Int32.max) + 512 })
    }

    /// A row of the embedding at its bounds, read as three of eight tokens.
    @Test(arguments: Kernel.available) func countsSaturatedActivations(_ kernel: Kernel) throws {
        var parameters = Parameters(config: config, seed: 1)
        for column in 0..<4 {
            parameters.values[parameters.layout.embedding][4 * 65 + column] = -127
        }
        for column in 0..<4 { parameters.values[parameters.layout.embedding][4 * 66 + column] = 3 }
        let segment = Segment(
            tokens: [65, 66, 65, 66, 65, 66, 66, 65, 66, 65], streams: 2, length: 4, position: 0)
        let seen = SaturationProbe.measure(
            PreparedModel(parameters, kernel: kernel), on: segment)
        #expect(seen.map(\.name) == ["emb", "layers.0.ln1", "layers.0.state", "lnOut", "logits"])
        #expect(seen[0].values == 2 * 4 * 4 && seen[0].saturated == 12)
        #expect(seen[4].values == 2 * 4 * 256)
    }

    @Test func isWrittenAsDocumented() {
        let parameters = Parameters(config: config, seed: 1)
        let text = diagnostics(before: parameters, after: parameters).json.text
        #expect(text.hasPrefix(#"{"rate":0.750000,"tensors":[{"name":"emb","saturated":0.0"#))
        #expect(
            text.contains(#""name":"lnOut","saturated":0.000000,"changed":0.000000,"rms":16.00,"#))
        #expect(text.contains(#""votesToNoise":1.500}"#))
        #expect(text.hasSuffix(#""activations":[]}"#))
    }
}
