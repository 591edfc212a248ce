import IntegerTensor
import RecurrentLM

/// E of every weight: how far the step's evidence says to raise it. EGGROLL sums Σ_p F_p·A_p⊗B_p for matrices and
/// Σ_p F_p·(a_p·b_p) for vectors; node perturbation sums credit times input over groups and tokens.
///
/// Votes are Int32. Their bound, with P directions P·64² (signs) or P·127·64 (magnitudes), or with Q groups Q·T·127²,
/// is checked when a config loads.
public final class Votes: @unchecked Sendable {
    /// The tensors that have votes.
    public let layout: ParameterLayout
    /// The votes by tensor id, row-major without padding.
    public let values: [AlignedBuffer<Int32>]
    /// The fitness of the directions that the votes were counted from; nil where they do not follow from fitness.
    public var fitness: Fitness?
    /// The terms of the noise that matrices and the embedding had.
    public var rank = NoiseRank.one
    /// Whether the head's votes are sums of its own error, which no noise has a part in.
    public var headIsExact = false
    /// What the step says of the rows of contexts; nil for a model without contexts.
    public var contexts: ContextCredits?

    /// Makes votes of 0 for every weight.
    public init(layout: ParameterLayout) {
        self.layout = layout
        values = layout.tensors.map { AlignedBuffer(count: $0.count) }
    }

    /// P, the directions that voted; 0 where votes do not follow from fitness.
    var directions: Int { fitness?.values.count ?? 0 }

    /// The RMS that a vote of a tensor has when the fitness carries no signal: √r times that of one term. Nil where the
    /// votes were not counted from fitness.
    public func noSignalRMS(of tensor: ParameterSpec) -> Int64? {
        guard let fitness, !headIsExact || tensor.id != layout.head else { return nil }
        return fitness.noSignalRMS << rootShift(of: tensor)
    }

    /// log2 √r of a tensor's noise.
    func rootShift(of tensor: ParameterSpec) -> Int {
        rank.of(tensor.kind).rootShift
    }
}
