import FixedPoint

/// What a stream of random numbers is for. Streams of different domains never share a counter.
public enum NoiseDomain: UInt32, Sendable {
    /// The noise of EGGROLL on the weights.
    case perturbation = 0
    /// The random weights that a run begins with.
    case initialWeights = 1
    /// The draws of a sample's tokens.
    case sampling = 2
    /// The choices of a story.
    case story = 3
    /// The noise of node perturbation on the activations.
    case activation = 4
    /// The dither that rounds the head's error.
    case rounding = 5
}

/// The name of a vector of noise: everything but the element's index.
///
/// The Philox counter is (element block, ``index``, domain and stream, ``epoch``), its key the run
/// seed, so each element is a pure function of (seed, domain, stream, index, epoch, element).
public struct NoiseKey: Hashable, Sendable {
    /// The seed, which is the key of the generator.
    public var seed: UInt64
    /// What the vector is for.
    public var domain: NoiseDomain
    /// The vector's place in the domain: for perturbations 2 · tensor + (0 for A, 1 for B); below 2^24.
    public var stream: UInt32
    /// The index of the vector in its stream: for perturbations the pair.
    public var index: UInt32
    /// The time of the vector: for perturbations the step divided by the noise reuse.
    public var epoch: UInt32

    /// Names a vector.
    public init(
        seed: UInt64, domain: NoiseDomain, stream: UInt32 = 0, index: UInt32 = 0, epoch: UInt32 = 0
    ) {
        self.seed = seed
        self.domain = domain
        self.stream = stream
        self.index = index
        self.epoch = epoch
    }

    /// The third word of the counter: domain in the top 8 bits, stream in the lower 24.
    public var selector: UInt32 { domain.rawValue << 24 | stream & 0xFF_FFFF }

    /// The four random words of block `block`.
    public func words(block: UInt32) -> SIMD4<UInt32> {
        Philox.block(
            counter: SIMD4(block, index, selector, epoch),
            key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
    }
}

extension NoiseKey {
    /// The elements that share one batch of Philox blocks: 8 blocks of 4 words of two 16-bit halves.
    public static let batch = 64

    /// Element `element` of the Int8 vector round(16 · N(0,1)) that this key names. 16 = 1 sigma.
    ///
    /// In a batch of 64, element i takes half i mod 2 of word i/16 of block (i mod 16)/2: the order
    /// in which a vector unit finds them.
    public func normal(_ element: Int) -> Int8 {
        let (batch, i) = element.quotientAndRemainder(dividingBy: Self.batch)
        let word = words(block: UInt32(8 * batch + i % 16 / 2))[i / 16]
        return Self.normal(bits: UInt16(truncatingIfNeeded: i % 2 == 0 ? word : word >> 16))
    }

    /// Elements `0..<count` of the vector, computed one by one: the plain reference of the kernels.
    public func normals(count: Int) -> [Int8] {
        (0..<count).map(normal)
    }

    /// A value from 16 random bits: sign, 7 bits of cell, 8 bits of coin, from the top.
    static func normal(bits: UInt16) -> Int8 {
        let table = NormalMagnitudes.standard
        let cell = Int(bits >> 8 & 0x7F)
        let coin = UInt8(truncatingIfNeeded: bits)
        let magnitude = coin < table.threshold[cell] ? UInt8(cell) : table.alias[cell]
        return bits >> 15 == 1 ? -Int8(magnitude) : Int8(magnitude)
    }
}
