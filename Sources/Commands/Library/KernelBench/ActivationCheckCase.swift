import EvolutionStrategy
import RecurrentLM
import TokenShards

/// A small model with noise on its activations on which a kernel must equal the reference.
struct ActivationCheckCase {
    let config: ModelConfig
    let settings: NodePerturbationSettings
    let population: Population
    /// Weights of ±127 instead of those that a run begins with.
    var hasExtremeWeights = false

    var name: String {
        "\(config.layers)x\(config.hidden)x\(config.mlpWidth), noise on activations, head \(settings.head),"
            + " feedback \(settings.feedback), \(population.size) members in groups of \(population.groupSize)"
            + ", contexts \(config.contextNames)\(config.direct ? " for the logits too" : "")"
            + (hasExtremeWeights ? ", weights of ±127" : "")
    }

    var parameters: Parameters {
        CheckCase.parameters(config, areExtreme: hasExtremeWeights, read: segments)
    }

    /// Segments that follow each other.
    var segments: [Segment] {
        (0..<2).map { CheckCase.segment(population, seed: 7, position: $0) }
    }

    /// Both rules of the head, with and without feedback and contexts, one pair a group and several, around the widths of
    /// vectors.
    static let all: [ActivationCheckCase] = [
        make(1, 64, 64, .delta, .learned, size: 24, groupSize: 8),
        make(2, 7, 5, .delta, .none, size: 6, groupSize: 2),
        make(1, 65, 129, .perturbation, .none, size: 12, groupSize: 2),
        make(2, 33, 0, .delta, .learned, size: 18, groupSize: 6),
        make(1, 96, 100, .perturbation, .none, size: 8, groupSize: 4, isExtreme: true),
        make(1, 100, 70, .delta, .learned, size: 40, groupSize: 10, isExtreme: true),
        make(
            1, 65, 40, .delta, .learned, size: 24, groupSize: 4,
            contexts: [.bytes(2), .word, .wordPair]),
        make(2, 33, 17, .delta, .none, size: 12, groupSize: 2, contexts: [.bytes(1)], direct: true),
    ]

    private static func make(
        _ layers: Int, _ hidden: Int, _ mlpWidth: Int, _ head: HeadRule, _ feedback: FeedbackRule,
        size: Int, groupSize: Int, isExtreme: Bool = false, contexts: [ContextKind] = [],
        direct: Bool = false
    ) -> ActivationCheckCase {
        ActivationCheckCase(
            config: ModelConfig(
                hidden: hidden, layers: layers, mlpWidth: mlpWidth, gate: .sigmoid, mlp: .relu,
                contexts: contexts, contextRows: contexts.isEmpty ? 0 : CheckCase.contextRows,
                direct: direct),
            settings: NodePerturbationSettings(head: head, feedback: feedback, noise: 3),
            population: Population(size: size, groupSize: groupSize, segmentTokens: 5),
            hasExtremeWeights: isExtreme)
    }
}
