/// The parts of a training step that `kernel-bench` tells apart. Each takes thread time: on two threads a
/// second of a step holds two.
enum StepPart: Int, CaseIterable {
    /// x·Wᵀ with shift, floor division, clip and narrowing.
    case products
    /// Of EGGROLL x·B and the rank-1 term of the products; of node perturbation noise added to activations.
    case perturbation
    case normalize
    /// Gates and states of the recurrence.
    case gates
    /// Sums with the residual stream, and the MLP's rectifier.
    case additions
    case embedding
    /// The rows of contexts: their sums, their noise and their moves.
    case contexts
    /// Gains and biases of each row.
    case vectors
    /// The members made of a group, and their means.
    case pairs
    /// The likelihoods of the targets.
    case loss
    /// The head's error.
    case softmax
    case noise
    /// Correlations of fitness and noise, and what follows from them for outputs and states.
    case credit
    /// Learned feedback: its predictions and all that teaches it.
    case feedback
    case votes
    /// The rule that moves the weights.
    case update
    case packing
    /// Tokens gathered, contexts hashed, blocks bound, votes of threads added up, tasks handed out.
    case other
    /// Threads without a task, also while one thread works between two regions.
    case waiting

    var name: String { "\(self)" }
}

extension StepWorkload {
    /// The parts that its steps have.
    var parts: [StepPart] {
        StepPart.allCases.filter { part in
            switch part {
            case .contexts: !config.contexts.isEmpty
            case .vectors: method == .eggroll
            case .pairs, .softmax, .credit, .feedback: method == .nodePerturbation
            default: true
            }
        }
    }
}

/// The calls of a kernel's functions, as ``TimedKernel`` counts them.
enum KernelCall: Int, CaseIterable {
    case product, normalize, embed, perturbVector, gate, updateState, add, rectify, logLikelihood
    case noise, votes, vectorVotes, pack
    case addContexts, sumRowNoise, rowNoise
    case spread, average, scaleNoise, perturb, maskNoise, gateFactors, correlate, credit
    case stateCredit, softmaxError, addRows
    case addDots, maskRows, addScaled
    /// Products, credits and votes of the matrices of learned feedback.
    case feedbackProduct, feedbackCredit, feedbackVotes

    /// The part that its time belongs to. That of EGGROLL's `product` is split in two later.
    var part: StepPart {
        switch self {
        case .product: .products
        case .perturb: .perturbation
        case .normalize: .normalize
        case .embed: .embedding
        case .perturbVector: .vectors
        case .gate, .updateState: .gates
        case .add, .rectify: .additions
        case .spread, .average: .pairs
        case .logLikelihood: .loss
        case .softmaxError: .softmax
        case .noise, .scaleNoise, .maskNoise: .noise
        case .gateFactors, .correlate, .credit, .stateCredit: .credit
        case .addDots, .maskRows, .addScaled, .feedbackProduct, .feedbackCredit, .feedbackVotes:
            .feedback
        case .votes, .vectorVotes, .addRows: .votes
        case .pack: .packing
        case .addContexts, .sumRowNoise, .rowNoise: .contexts
        }
    }
}
