/// The parts of a training step that `kernel-bench` tells apart. Each takes thread time: on two threads a
/// second of a step holds two.
enum StepPart: Int, CaseIterable {
    /// x·Wᵀ with shift, floor division, clip and narrowing.
    case products
    /// x·B and the rank-1 term of the products.
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
    case loss
    case noise
    case votes
    /// The rule that moves the weights.
    case update
    case packing
    /// Tokens gathered, blocks bound, tasks handed out.
    case other
    /// Threads without a task, also while one thread works between two regions.
    case waiting

    var name: String { "\(self)" }
}

/// The functions of a kernel's table, as ``TimedKernel`` counts them.
enum KernelCall: Int, CaseIterable {
    case product, normalize, embed, perturbVector, gate, updateState, add, rectify, logLikelihood
    case noise, votes, vectorVotes, pack
    case addContexts, sumRowNoise, rowNoise, moveRows

    /// The part that its time belongs to. That of `product` is split in two later.
    var part: StepPart {
        switch self {
        case .product: .products
        case .normalize: .normalize
        case .embed: .embedding
        case .perturbVector: .vectors
        case .gate, .updateState: .gates
        case .add, .rectify: .additions
        case .logLikelihood: .loss
        case .noise: .noise
        case .votes, .vectorVotes: .votes
        case .pack: .packing
        case .addContexts, .sumRowNoise, .rowNoise, .moveRows: .contexts
        }
    }
}
