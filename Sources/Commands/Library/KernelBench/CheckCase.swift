import EvolutionStrategy
import RecurrentLM
import Reference
import SeededNoise
import TokenShards

/// A small model and population on which a kernel must equal the reference.
struct CheckCase {
    let config: ModelConfig
    let population: Population
    let loss: LossResolution
    let fitness: FitnessForm
    /// Weights of ±127 instead of those that a run begins with.
    let hasExtremeWeights: Bool

    var name: String {
        "\(config.layers)x\(config.hidden)x\(config.mlpWidth), gate \(config.gate),"
            + " MLP \(config.mlp), contexts \(config.contextNames), \(population.size) members"
            + (hasExtremeWeights ? ", weights of ±127" : "")
    }

    private static let segmentTokens = 3
    private static let drawn = 16
    private static let kinds: [ContextKind] = [.bytes(2), .word, .wordPair, .bytes(1)]
    /// The rows of the contexts of a model that has any.
    static let contextRows = 256

    /// Shapes around the widths of vectors and tiles, and some drawn from a fixed stream.
    static let all: [CheckCase] =
        [(1, 1, 0), (2, 7, 5), (1, 65, 129), (1, 100, 260), (1, 64, 64)].enumerated().map {
            make($0.element.0, $0.element.1, $0.element.2, choices: UInt32(37 * $0.offset))
        }
        + (0..<drawn).map { index in
            let words = NoiseKey(seed: 0xC4EC, domain: .story).words(block: UInt32(index))
            return make(
                1 + Int(words[0] % 2), 1 + Int(words[1] % 96), Int(words[2] % 140),
                choices: words[3])
        }

    /// - Parameter choices: Bits that choose everything but the shape.
    private static func make(
        _ layers: Int, _ hidden: Int, _ mlpWidth: Int, choices: UInt32
    ) -> CheckCase {
        func bit(_ index: UInt32) -> Bool { choices >> index & 1 == 1 }
        return CheckCase(
            config: ModelConfig(
                hidden: hidden, layers: layers, mlpWidth: mlpWidth,
                gate: bit(0) ? .sigmoid : .identity,
                mlp: bit(2) ? .relu : .identity,
                contexts: bit(6) ? Array(kinds.prefix(1 + Int(choices >> 12 % 4))) : [],
                contextRows: bit(6) ? contextRows : 0),
            population: Population(
                size: 2 * (1 + Int(choices >> 8 % 6)), segmentTokens: segmentTokens,
                sigmaShift: 2 + Int(choices >> 16 % 5),
                rank: NoiseRank.allCases[Int(choices >> 24 % 3)]),
            loss: bit(3) ? .fine : .sixteenth, fitness: bit(4) ? .magnitude4 : .sign,
            hasExtremeWeights: bit(5))
    }

    var parameters: Parameters {
        Self.parameters(config, areExtreme: hasExtremeWeights, read: [segment])
    }

    /// Weights of a seed, or ±127 by their signs; and rows of random weights, of which most contexts of the segments that
    /// follow each other have one.
    static func parameters(
        _ config: ModelConfig, areExtreme: Bool, read segments: [Segment]
    ) -> Parameters {
        var parameters = Parameters(config: config, seed: 3)
        parameters.contexts?.fill(seed: 4)
        parameters.direct?.fill(seed: 5)
        parameters.giveRows(
            toContextsOf: (0..<(segments.first?.streams ?? 0)).map { stream in
                segments.flatMap { $0.inputs(of: stream) }
            })
        guard areExtreme else { return parameters }
        for id in parameters.values.indices {
            for i in parameters.values[id].indices {
                parameters.values[id][i] = parameters.values[id][i] < 0 ? -127 : 127
            }
        }
        return parameters
    }

    var segment: Segment { Self.segment(population, seed: 0x70CE) }

    /// Tokens with separators among them.
    static func segment(_ population: Population, seed: UInt64, position: Int = 0) -> Segment {
        let count = population.streams * (population.segmentTokens + 1)
        let key = NoiseKey(seed: seed, domain: .story, epoch: UInt32(position))
        return Segment(
            tokens: (0..<count).map { index in
                let word = key.words(block: UInt32(index))
                return word[0] % 5 == 0 ? 0 : UInt8(truncatingIfNeeded: word[1])
            },
            streams: population.streams, length: population.segmentTokens, position: position)
    }

    /// The score of a member and its state after the segment, by the reference.
    func reference(
        _ member: Int, _ parameters: Parameters, _ noise: ReferenceNoise
    ) -> (score: Int32, state: [[Int8]]) {
        let own = MemberNoise(
            layout: parameters.layout, source: noise, pair: member / 2,
            sign: member % 2 == 0 ? 1 : -1, shape: population.noiseShape)
        var model = ReferenceModel(parameters, noise: own)
        let width = population.segmentTokens + 1
        let start = population.stream(row: member) * width
        let tokens = segment.tokens[start..<start + width]
        let score = zip(tokens, tokens.dropFirst()).reduce(Int32(0)) { sum, pair in
            sum
                + ReferenceModel.logLikelihood(
                    model.step(pair.0), target: pair.1, loss: loss)
        }
        return (score, model.state)
    }
}

extension Segment {
    /// The tokens that a stream reads.
    fileprivate func inputs(of stream: Int) -> ArraySlice<UInt8> {
        tokens[stream * (length + 1)..<stream * (length + 1) + length]
    }
}

extension ModelConfig {
    /// The contexts for the name of a case.
    var contextNames: String { contexts.isEmpty ? "none" : contexts.list }
}
