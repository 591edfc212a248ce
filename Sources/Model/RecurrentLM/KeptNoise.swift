import CKernels
import IntegerTensor
import SeededNoise

/// The noise of all directions of a step, generated once for the evaluation and for the votes.
///
/// Seed and step name the noise, so nothing needs to be kept (seed replay, paper section 4). But generating it
/// again takes longer than reading it, and a population of a few thousand members has little of it.
public final class KeptNoise: @unchecked Sendable {
    /// The directions of the population.
    private let directions: Int
    /// The factors of each tensor by its id, the rows of contexts last; nil where there is no noise.
    private let factors: [Factors?]
    /// The epoch that the factors belong to; nil before the first.
    private var epoch: UInt32?

    /// The factors of a tensor, one term after the other and one direction after the other.
    private struct Factors {
        let tensor: Int
        let terms: Int
        /// A [directions · terms][rows of the tensor]; nil for the rows of contexts, which hashes name.
        let a: Int8Rows?
        /// B [directions · terms][columns]
        let b: Int8Rows

        func rows(_ side: PerturbationSide) -> Int8Rows? { side == .a ? a : b }
    }

    /// The directions that a thread takes at once.
    private static let chunk = 16

    /// Makes room for the noise of a model.
    /// - Parameters:
    ///   - layout: The tensors of the model.
    ///   - directions: The directions of the population.
    ///   - rank: The terms of a matrix' noise.
    ///   - perturbsHead: Whether the head has noise.
    public init(layout: ParameterLayout, directions: Int, rank: NoiseRank, perturbsHead: Bool) {
        self.directions = directions
        var factors = layout.tensors.map { tensor -> Factors? in
            guard perturbsHead || tensor.id != layout.head else { return nil }
            let terms = rank.of(tensor.kind).terms
            return Factors(
                tensor: tensor.id, terms: terms,
                a: Int8Rows(rows: directions * terms, width: tensor.rows),
                b: Int8Rows(rows: directions * terms, width: tensor.columns))
        }
        if !layout.config.contexts.isEmpty {
            let width = ContextTable.inputWidth(layout.config)
            factors.append(
                Factors(
                    tensor: layout.contextTensor, terms: 1, a: nil,
                    b: Int8Rows(rows: directions, width: width)))
        }
        self.factors = factors
    }

    /// The bytes that the noise takes.
    public static func bytes(_ config: ModelConfig, directions: Int, rank: NoiseRank) -> Int {
        let ofTensors = ParameterLayout(config).tensors.reduce(0) {
            $0 + (paddedWidth($1.rows) + paddedWidth($1.columns)) * rank.of($1.kind).terms
        }
        let ofContexts =
            config.contexts.isEmpty ? 0 : paddedWidth(ContextTable.inputWidth(config))
        return directions * (ofTensors + ofContexts)
    }

    /// Generates the noise of an epoch, unless it is there already.
    public func fill(from source: SeededPerturbations, pool: WorkerPool) {
        guard epoch != source.epoch else { return }
        epoch = source.epoch
        pool.run((directions + Self.chunk - 1) / Self.chunk) { index, _ in
            let first = index * Self.chunk
            for direction in first..<min(first + Self.chunk, directions) {
                fill(direction, from: source)
            }
        }
    }

    private func fill(_ direction: Int, from source: SeededPerturbations) {
        for case let factors? in factors {
            for term in 0..<factors.terms {
                for side in [PerturbationSide.a, .b] {
                    guard let rows = factors.rows(side) else { continue }
                    source.fill(
                        rows.row(direction * factors.terms + term), tensor: factors.tensor,
                        side: side, pair: direction, term: term, first: 0, count: rows.width)
                }
            }
        }
    }

    /// The vectors of a tensor from a term of a direction on: the terms of a direction follow each other.
    func rows(
        tensor: Int, side: PerturbationSide, direction: Int, term: Int = 0
    ) -> egg_const_rows {
        guard let factors = factors[tensor], let rows = factors.rows(side) else {
            return egg_const_rows()
        }
        return rows.input(from: direction * factors.terms + term)
    }
}

/// The noise of a step that is kept.
public struct KeptPerturbations: PerturbationSource {
    private let source: SeededPerturbations
    private let noise: KeptNoise

    /// Makes a source of noise that `noise` holds already; ``KeptNoise/fill(from:pool:)`` put it there.
    public init(_ source: SeededPerturbations, in noise: KeptNoise) {
        self.source = source
        self.noise = noise
    }

    /// Copies elements first..<first + count of a vector.
    public func fill(
        _ output: UnsafeMutablePointer<Int8>, tensor: Int, side: PerturbationSide, pair: Int,
        term: Int, first: Int, count: Int
    ) {
        let rows = noise.rows(tensor: tensor, side: side, direction: pair, term: term)
        guard let data = rows.data else { return }
        output.update(from: data + first, count: count)
    }

    /// The vectors of a tensor, where they are kept.
    public func vectors(
        tensor: Int, side: PerturbationSide, from pair: Int, term: Int
    ) -> egg_const_rows? {
        noise.rows(tensor: tensor, side: side, direction: pair, term: term)
    }

    /// The noise along the rows of contexts, which is never kept.
    public var rowNoise: RowNoise { source.rowNoise }
}
