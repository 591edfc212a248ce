import EvolutionStrategy
import RecurrentLM

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
            + (hasExtremeWeights ? ", weights of ±127" : "")
    }

    var parameters: Parameters { CheckCase.parameters(config, areExtreme: hasExtremeWeights) }

    /// Both rules of the head, with and without feedback, one pair a group and several, around the widths of vectors.
    static let all: [ActivationCheckCase] = [
        make(1, 64, 64, .delta, .learned, size: 24, groupSize: 8),
        make(2, 7, 5, .delta, .none, size: 6, groupSize: 2),
        make(1, 65, 129, .perturbation, .none, size: 12, groupSize: 2),
        make(2, 33, 0, .delta, .learned, size: 18, groupSize: 6),
        make(1, 96, 100, .perturbation, .none, size: 8, groupSize: 4, isExtreme: true),
        make(1, 100, 70, .delta, .learned, size: 40, groupSize: 10, isExtreme: true),
    ]

    private static func make(
        _ layers: Int, _ hidden: Int, _ mlpWidth: Int, _ head: HeadRule, _ feedback: FeedbackRule,
        size: Int, groupSize: Int, isExtreme: Bool = false
    ) -> ActivationCheckCase {
        ActivationCheckCase(
            config: ModelConfig(
                hidden: hidden, layers: layers, mlpWidth: mlpWidth, gate: .sigmoid, mlp: .relu),
            settings: NodePerturbationSettings(head: head, feedback: feedback, noise: 3),
            population: Population(size: size, groupSize: groupSize, segmentTokens: 5),
            hasExtremeWeights: isExtreme)
    }
}
