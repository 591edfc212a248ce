import FixedPoint
import RecurrentLM
import SeededNoise

/// The shape of a population and how it reads the corpus.
///
/// N members form N/2 antithetic pairs: members 2p and 2p + 1 carry the noise of pair p with signs +1
/// and -1. Groups of G members read the same sequences.
public struct Population: Equatable, Sendable {
    /// N
    public var size: Int
    /// G: members that read the same tokens; even, divides N.
    public var groupSize: Int
    /// T: tokens a sequence and update.
    public var segmentTokens: Int
    /// sigma = 2^-sigmaShift.
    public var sigmaShift: Int
    /// Steps that share one draw of noise; 0 keeps one draw for the whole run (nano-egg's
    /// `noise_reuse`).
    public var noiseReuse: Int
    /// Sequences that each member reads in a step: more than one when the data batch shall exceed
    /// N/2 sequences (paper, appendix I).
    public var sequencesPerMember: Int

    public static let sizeRange = 2...1 << 24
    public static let segmentRange = 1...1 << 16
    public static let sigmaShiftRange = 2...10
    public static let sequenceRange = 1...4096
    public static let noiseReuseRange = 0...1 << 30

    public init(
        size: Int, groupSize: Int = 2, segmentTokens: Int, sigmaShift: Int = 4,
        noiseReuse: Int = 1, sequencesPerMember: Int = 1
    ) {
        self.size = size
        self.groupSize = groupSize
        self.segmentTokens = segmentTokens
        self.sigmaShift = sigmaShift
        self.noiseReuse = noiseReuse
        self.sequencesPerMember = sequencesPerMember
    }

    /// P
    public var pairs: Int { size / 2 }
    /// Rows of the batched forward pass: every member's sequences.
    public var rows: Int { size * sequencesPerMember }
    /// Streams that the corpus is cut into.
    public var streams: Int { size / groupSize * sequencesPerMember }
    /// Tokens that the members read in a step.
    public var memberTokens: Int { rows * segmentTokens }

    /// The stream that a row reads.
    public func stream(row: Int) -> Int {
        let (member, sequence) = row.quotientAndRemainder(dividingBy: sequencesPerMember)
        return member / groupSize * sequencesPerMember + sequence
    }

    /// The noise epoch of a step.
    public func noiseEpoch(step: Int) -> UInt32 {
        noiseReuse == 0 ? 0 : UInt32(truncatingIfNeeded: step / noiseReuse)
    }

    /// Checks ranges and the bounds of every accumulation.
    /// - Throws: ``ModelError`` naming the setting.
    public func validate(
        for model: ModelConfig, loss: LossResolution = .sixteenth, fitness: FitnessForm = .sign
    ) throws(ModelError) {
        try check("size", size, Self.sizeRange)
        try check("segmentTokens", segmentTokens, Self.segmentRange)
        try check("sigmaShift", sigmaShift, Self.sigmaShiftRange)
        try check("noiseReuse", noiseReuse, Self.noiseReuseRange)
        try check("sequencesPerMember", sequencesPerMember, Self.sequenceRange)
        guard groupSize >= 2, groupSize.isMultiple(of: 2) else {
            throw error(
                "groupSize", "\(groupSize) is not an even number of members", "use 2 or more")
        }
        guard size.isMultiple(of: groupSize) else {
            throw error(
                "size", "\(size) is not divisible by the group size \(groupSize)",
                "choose population.size as a multiple of population.groupSize")
        }
        try checkBounds(model, loss, fitness)
    }

    private func checkBounds(
        _ model: ModelConfig, _ loss: LossResolution, _ fitness: FitnessForm
    ) throws(ModelError) {
        // A score is a sum of at most T·sequences log-likelihoods.
        guard segmentTokens * sequencesPerMember <= Int(Int32.max) / loss.largestMagnitude else {
            throw error(
                "segmentTokens",
                "a score over \(sequencesPerMember) x \(segmentTokens) tokens can pass 32 bits",
                "use fewer tokens or sequences")
        }
        // A vote is a sum over pairs of products of a noise value scaled by fitness and another.
        let noise = NormalMagnitudes.largest
        let mostPairs = Int(Int32.max) / (fitness.largestScaled(noise) * noise)
        guard pairs <= mostPairs else {
            throw error(
                "size", "votes of \(pairs) pairs can pass 32 bits",
                "use at most \(2 * mostPairs) members")
        }
        // x·Wᵀ + (x·B·A >> (4 + sigmaShift)).
        let inputs = model.widestInput
        let perturbation = (inputs * 127 * 127 * 127) >> perturbationShift(sigmaShift: sigmaShift)
        guard inputs * 127 * 127 + perturbation <= Int(Int32.max) else {
            throw error(
                "sigmaShift", "a product of \(inputs) inputs with noise can pass 32 bits",
                "use a larger sigmaShift or a narrower model")
        }
    }

    private func check(
        _ key: String, _ value: Int, _ range: ClosedRange<Int>
    ) throws(ModelError) {
        guard range.contains(value) else {
            throw error(
                key, "\(value) is out of range", "use \(range.lowerBound) to \(range.upperBound)")
        }
    }

    private func error(_ key: String, _ finding: String, _ remedy: String) -> ModelError {
        ModelError("population.\(key)", finding, remedy: remedy)
    }
}
