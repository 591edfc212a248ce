import FixedPoint
import RecurrentLM
import SeededNoise

/// How the activation estimator finds the error of the last matrix.
public enum HeadRule: String, CaseIterable, Sendable {
    /// Losses of logits with noise: evolution strategies throughout.
    case perturbation
    /// The softmax delta rule, (onehot - p)·uᵀ: exact, local to the last matrix, forward only.
    case delta
}

/// What noise has to tell of a token's loss.
public enum FeedbackRule: String, CaseIterable, Sendable {
    /// All of it.
    case none
    /// What ``LearnedFeedback`` does not predict from the head's error.
    case learned
}

/// The settings of ``ActivationPerturbation``.
public struct ActivationSettings: Equatable, Sendable {
    public var head: HeadRule
    public var feedback: FeedbackRule
    /// Standard deviation of the noise on activations; 16 = 1.0.
    public var noise: Int
    /// With the perturbed head, the draws of noise on the logits that each token of a pair tries.
    public var headDraws: Int

    /// The largest draw, 66 at deviation 16, stays within Int8.
    public static let noiseRange = 1...30

    /// Each draw begins at another sixteenth of the token's noise.
    public static let headDrawsRange = 1...16

    public init(
        head: HeadRule = .delta, feedback: FeedbackRule = .none, noise: Int = 2, headDraws: Int = 8
    ) {
        self.head = head
        self.feedback = feedback
        self.noise = noise
        self.headDraws = headDraws
    }

    /// The sites that carry noise in the forward pass.
    ///
    /// What the embedding and the MLP write is added to the vector that the noise on the state is added
    /// to, so that noise gives their credit too: fewer sites are less noise in each difference of losses.
    func sites(_ config: ModelConfig) -> [ActivationSite] {
        (0..<config.layers).flatMap { layer -> [ActivationSite] in
            let state = ActivationSite.state(layer: layer)
            return config.mlpWidth > 0 ? [state, .inner(layer: layer)] : [state]
        }
    }

    /// Checks the bounds that hold for this estimator only.
    ///
    /// A vote sums P·T products of an Int8 credit and an Int8 activation.
    /// - Throws: ``ModelError`` naming the setting.
    public func validate(_ population: Population) throws(ModelError) {
        guard feedback == .none || head == .delta else {
            throw ModelError(
                "population.feedback",
                "is learned from the head's error, which head: perturbation has not",
                remedy: "use population.head: delta, or feedback: none")
        }
        let mostTokens = Int(Int32.max) / (127 * 127)
        guard population.directions * population.segmentTokens <= mostTokens else {
            throw ModelError(
                "population.size",
                "votes of \(population.directions) pairs x \(population.segmentTokens) tokens can pass"
                    + " 32 bits",
                remedy: "keep size / 2 x segmentTokens at or below \(mostTokens)")
        }
        guard population.segmentTokens <= Self.mostSegmentTokens else {
            throw ModelError(
                "population.segmentTokens",
                "\(population.segmentTokens) is more than the activation estimator keeps",
                remedy: "use at most \(Self.mostSegmentTokens)")
        }
    }

    /// The activations of all tokens of a segment are kept until its end.
    public static let mostSegmentTokens = 4096
}

/// The names of the random numbers of one step of the activation estimator.
struct ActivationNoise {
    let seed: UInt64
    let step: Int
    let layers: Int

    /// Noise of a site of a pair at a token of the segment: 16 = 1 sigma before scaling.
    func key(_ site: ActivationSite, time: Int, pair: Int) -> NoiseKey {
        NoiseKey(
            seed: seed, domain: .activation,
            stream: UInt32(time << 8 | site.number(layers: layers)),
            index: UInt32(pair), epoch: UInt32(truncatingIfNeeded: step))
    }

    /// Where a draw of noise on the logits begins in the token's normals, which it reads in a circle: numbers
    /// that meet in one draw are apart in the others.
    static func rotation(draw: Int, vocabulary: Int) -> Int { draw * vocabulary / 16 }

    /// Tokens that share a Philox block of dither bytes.
    private static let ditherTokens = 16

    /// The byte that decides how the head's errors of a pair at a token are rounded.
    func dither(time: Int, pair: Int) -> UInt8 {
        let key = NoiseKey(
            seed: seed, domain: .rounding, index: UInt32(pair),
            epoch: UInt32(truncatingIfNeeded: step))
        let (block, byte) = time.quotientAndRemainder(dividingBy: Self.ditherTokens)
        let word = key.words(block: UInt32(block))[byte / 4]
        return UInt8(truncatingIfNeeded: word >> UInt32(8 * (byte % 4)))
    }
}

/// The multipliers that bring fitness and credits to the range of Int8. Each follows the RMS of what it
/// gave in the step before, so the votes need no second pass.
struct CreditScales: Equatable {
    /// Of a difference of log-likelihoods, 16 fraction bits: 32 stands for its RMS.
    var fitness: Int32 = 1 << 14
    /// The same of a draw of noise on the logits, with the perturbed head.
    var head: Int32 = 1 << 12
    /// Of the credits of candidate and gate, one pair a layer, 12 fraction bits.
    var candidate: [Int32]
    var gate: [Int32]

    /// All numbers, for a checkpoint.
    var values: [Int32] { [fitness, head] + candidate + gate }

    /// Numbers that ``values`` gave; nil where they cannot be.
    init?(values: [Int32], layers: Int) {
        guard values.count == 2 + 2 * layers,
            values.prefix(2).allSatisfy({ Self.fitnessRange.contains(Int64($0)) }),
            values.dropFirst(2).allSatisfy({ Self.creditRange.contains(Int64($0)) })
        else { return nil }
        fitness = values[0]
        head = values[1]
        candidate = Array(values[2..<2 + layers])
        gate = Array(values[(2 + layers)...])
    }

    /// What the RMS of a fitness and of a credit is brought to.
    static let fitnessRMS: Int64 = 32
    static let creditRMS: Int64 = 28
    private static let fitnessRange: ClosedRange<Int64> = 1...1 << 16
    private static let creditRange: ClosedRange<Int64> = 1...(1 << 15) - 1

    init(layers: Int) {
        candidate = [Int32](repeating: 1 << 10, count: layers)
        gate = candidate
    }

    /// clip((difference · fitness + 2^15) >> 16); |difference| <= 24 · 1024, so the product is below 2^31.
    func fitness(_ difference: Int32) -> Int8 { Self.scaled(difference, by: fitness) }

    /// The same of two members whose logits alone differ.
    func headFitness(_ difference: Int32) -> Int8 { Self.scaled(difference, by: head) }

    private static func scaled(_ difference: Int32, by multiplier: Int32) -> Int8 {
        clip(floorShift(difference * multiplier + 1 << 15, by: 16))
    }

    /// Fraction bits of the multiplier of a credit.
    static let multiplierBits: Int32 = 12

    /// The multiplier of a site's credit fitness · noise, 12 fraction bits; a constant, as the RMS of both
    /// factors is known.
    static func siteMultiplier(noise: Int) -> Int32 {
        Int32((creditRMS << 12) / fitnessRMS) / Int32(noise)
    }

    /// The multiplier of fitness · noise of a draw on the logits, 12 fraction bits: the noise is of deviation
    /// 16, and the sum of all draws has the RMS of a credit.
    static func headMultiplier(draws: Int) -> Int32 {
        Int32((creditRMS << 12) / fitnessRMS) / Int32(integerSquareRoot(UInt32(256 * draws)))
    }

    /// Sums of squares of what a step's multipliers gave. Sums of at most 2^24 · 4096 values below 2^14.
    struct Squares {
        var fitness: Int64 = 0
        var head: Int64 = 0
        var candidate: [Int64]
        var gate: [Int64]

        init(layers: Int) {
            candidate = [Int64](repeating: 0, count: layers)
            gate = candidate
        }

        mutating func add(_ other: Squares) {
            fitness += other.fitness
            head += other.head
            for layer in candidate.indices {
                candidate[layer] += other.candidate[layer]
                gate[layer] += other.gate[layer]
            }
        }
    }

    /// Takes over the sums of a step of `tokens` pair tokens with D = `hidden` and some draws on the logits.
    mutating func follow(_ squares: Squares, tokens: Int, hidden: Int, draws: Int) {
        fitness = Self.next(
            fitness, squares.fitness, count: tokens, target: Self.fitnessRMS, in: Self.fitnessRange)
        head = Self.next(
            head, squares.head, count: tokens * draws, target: Self.fitnessRMS,
            in: Self.fitnessRange)
        for layer in candidate.indices {
            candidate[layer] = Self.next(
                candidate[layer], squares.candidate[layer], count: tokens * hidden,
                target: Self.creditRMS, in: Self.creditRange)
            gate[layer] = Self.next(
                gate[layer], squares.gate[layer], count: tokens * hidden, target: Self.creditRMS,
                in: Self.creditRange)
        }
    }

    /// multiplier · target / RMS, with the RMS in sixteenths.
    private static func next(
        _ multiplier: Int32, _ squares: Int64, count: Int, target: Int64,
        in range: ClosedRange<Int64>
    ) -> Int32 {
        let rms = max(1, Int64(integerSquareRoot(UInt64(squares) * 256 / UInt64(max(1, count)))))
        let scaled = (Int64(multiplier) * target * 16 + rms / 2) / rms
        return Int32(min(range.upperBound, max(range.lowerBound, scaled)))
    }
}
