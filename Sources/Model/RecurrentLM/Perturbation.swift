import CKernels
import IntegerTensor
import SeededNoise

/// The two factors of a term of a perturbation.
public enum PerturbationSide: UInt32, Sendable {
    /// The factor along the outputs of a matrix, or the tokens of the embedding.
    case a = 0
    /// The factor along the inputs of a matrix, or the width of the embedding.
    case b = 1
}

/// Where the noise of a population comes from: a pure function of (tensor, side, pair, term, element).
public protocol PerturbationSource: Sendable {
    /// Writes elements first..<first + count of a vector. 16 = 1 sigma.
    /// - Precondition: `first` is a multiple of 64.
    func fill(
        _ output: UnsafeMutablePointer<Int8>, tensor: Int, side: PerturbationSide, pair: Int,
        term: Int, first: Int, count: Int)

    /// The noise along the rows of contexts: A of row and pair.
    var rowNoise: RowNoise { get }
}

/// The noise of one step of a run, regenerated whenever it is needed (seed replay, paper section 4).
public struct SeededPerturbations: PerturbationSource {
    let kernel: Kernel
    let seed: UInt64
    /// The step divided by the noise reuse.
    let epoch: UInt32

    /// Makes the noise of an epoch: the step divided by the noise reuse.
    public init(kernel: Kernel, seed: UInt64, epoch: UInt32) {
        self.kernel = kernel
        self.seed = seed
        self.epoch = epoch
    }

    /// The noise along the rows of contexts, of the same seed and epoch.
    public var rowNoise: RowNoise { RowNoise(seed: seed, epoch: epoch) }

    /// The stream of a vector: 2 · tensor + side in the lower 16 bits, below 2^11 for 64 layers, and the term above.
    public static func stream(tensor: Int, side: PerturbationSide, term: Int) -> UInt32 {
        UInt32(term) << 16 | UInt32(2 * tensor) + side.rawValue
    }

    /// Writes elements first..<first + count of a vector. 16 = 1 sigma.
    /// - Precondition: `first` is a multiple of 64.
    public func fill(
        _ output: UnsafeMutablePointer<Int8>, tensor: Int, side: PerturbationSide, pair: Int,
        term: Int, first: Int, count: Int
    ) {
        let key = NoiseKey(
            seed: seed, domain: .perturbation,
            stream: Self.stream(tensor: tensor, side: side, term: term), index: UInt32(pair),
            epoch: epoch)
        kernel.fillNoise(key, first: first, count: count, into: output)
    }
}

extension Kernel {
    /// Writes elements first..<first + count of the vector that `key` names. 16 = 1 sigma.
    /// - Precondition: `first` is a multiple of 64.
    public func fillNoise(
        _ key: NoiseKey, first: Int, count: Int, into output: UnsafeMutablePointer<Int8>
    ) {
        var raw = egg_noise(
            seed_low: UInt32(truncatingIfNeeded: key.seed),
            seed_high: UInt32(truncatingIfNeeded: key.seed >> 32), index: key.index,
            selector: key.selector, epoch: key.epoch, threshold: NoiseTables.threshold.pointer,
            alias: NoiseTables.alias.pointer)
        table.pointee.noise(&raw, Int32(first), Int32(count), output)
    }
}

extension Kernel {
    /// The noise of rows, with the tables that the kernels need.
    public func rowNoise(_ noise: RowNoise) -> egg_row_noise {
        egg_row_noise(
            key: noise.key, threshold: NoiseTables.threshold.pointer,
            alias: NoiseTables.alias.pointer)
    }
}

/// The alias table at fixed addresses for the kernels.
private enum NoiseTables {
    static let threshold = AlignedBuffer(NormalMagnitudes.standard.threshold)
    static let alias = AlignedBuffer(NormalMagnitudes.standard.alias)
}

/// r, the terms of the noise of a matrix or the embedding: numbers whose roots are shifts. Gains, biases and the rows of
/// contexts have one term at any rank.
public enum NoiseRank: Int, CaseIterable, Sendable {
    /// A⊗B, as the paper trains language models.
    case one = 1
    /// Σ of 4 terms, halved.
    case four = 4
    /// Σ of 16 terms, over 4.
    case sixteen = 16

    /// r.
    public var terms: Int { rawValue }
    /// log2 √r.
    public var rootShift: Int { rawValue.trailingZeroBitCount / 2 }

    /// The rank of the noise of a tensor of this kind.
    public func of(_ kind: ParameterKind) -> NoiseRank { kind.isVector ? .one : self }
}

/// The size of EGGROLL's noise: a matrix or the embedding gets Σ_k A_k⊗B_k / √r, 1 ... r, times sigma = 2^-sigmaShift.
public struct NoiseShape: Equatable, Sendable {
    /// sigma = 2^-sigmaShift; 4 is the paper's value.
    public var sigmaShift: Int
    /// r, the terms of the noise of a matrix or the embedding.
    public var rank: NoiseRank

    /// Makes a shape, of rank 1 unless given.
    public init(sigmaShift: Int, rank: NoiseRank = .one) {
        self.sigmaShift = sigmaShift
        self.rank = rank
    }

    /// The right shift of what has one term: 4 fraction bits of the noise and the sigma shift.
    public var vectorShift: Int { 4 + sigmaShift }
    /// The right shift of the sum of all terms.
    public var matrixShift: Int { vectorShift + rank.rootShift }

    /// The shape of the noise of a tensor of this kind.
    func of(_ kind: ParameterKind) -> NoiseShape {
        NoiseShape(sigmaShift: sigmaShift, rank: rank.of(kind))
    }
}
