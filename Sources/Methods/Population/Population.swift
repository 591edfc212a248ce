import FixedPoint
import RecurrentLM
import SeededNoise

/// The shape of a population and how it reads the corpus.
///
/// N members try N/2 directions in antithetic pairs, or N directions one-sidedly (``Sampling``). Groups
/// of G members read the same sequences.
public struct Population: Equatable, Sendable {
    /// N, the number of members.
    public var size: Int
    /// What a member's score is compared with.
    public var sampling: Sampling
    /// G, the members that read the same tokens. It divides N, and is even where members form pairs.
    public var groupSize: Int
    /// T, the tokens of a sequence in each update.
    public var segmentTokens: Int
    /// The deviation of EGGROLL's noise: sigma = 2^-sigmaShift.
    public var sigmaShift: Int
    /// r, the terms of EGGROLL's noise on a matrix: 1, 4 or 16.
    public var rank: NoiseRank
    /// Steps that share one draw of noise; 0 keeps one draw for the whole run (nano-egg's
    /// `noise_reuse`).
    public var noiseReuse: Int
    /// Sequences that each member reads in a step: more than one when the data batch shall exceed
    /// N/2 sequences (paper, appendix I).
    public var sequencesPerMember: Int

    /// The values that ``size`` may have.
    public static let sizeRange = 2...1 << 24
    /// The values that ``segmentTokens`` may have.
    public static let segmentRange = 1...1 << 16
    /// The values that ``sigmaShift`` may have.
    public static let sigmaShiftRange = 2...10
    /// The values that ``sequencesPerMember`` may have.
    public static let sequenceRange = 1...4096
    /// The values that ``noiseReuse`` may have.
    public static let noiseReuseRange = 0...1 << 30

    /// Makes a population. Nothing is checked before ``validate(for:loss:)``.
    public init(
        size: Int, sampling: Sampling = .antithetic, groupSize: Int = 2, segmentTokens: Int,
        sigmaShift: Int = 4, rank: NoiseRank = .one,
        noiseReuse: Int = 1, sequencesPerMember: Int = 1
    ) {
        self.rank = rank
        self.size = size
        self.sampling = sampling
        self.groupSize = groupSize
        self.segmentTokens = segmentTokens
        self.sigmaShift = sigmaShift
        self.noiseReuse = noiseReuse
        self.sequencesPerMember = sequencesPerMember
    }

    /// The rank and the deviation of EGGROLL's noise.
    public var noiseShape: NoiseShape { NoiseShape(sigmaShift: sigmaShift, rank: rank) }
    /// Members that share one draw of noise.
    public var membersPerDirection: Int { sampling == .antithetic ? 2 : 1 }
    /// The number of groups: members that read the same tokens are one group.
    public var groups: Int { size / groupSize }
    /// K, the draws of noise that a group tries.
    public var drawsPerGroup: Int { groupSize / membersPerDirection }
    /// The first antithetic pair of each group.
    var leaders: Population {
        var leaders = self
        leaders.size = groups * membersPerDirection
        leaders.groupSize = membersPerDirection
        return leaders
    }
    /// P, the draws of noise, each of which gets a fitness.
    public var directions: Int { size / membersPerDirection }
    /// Rows of the batched forward pass: the sequences of all members.
    public var rows: Int { size * sequencesPerMember }
    /// Streams that the corpus is cut into.
    public var streams: Int { groups * sequencesPerMember }
    /// Hidden states that are kept from segment to segment: one for every row, or the unperturbed model's for every
    /// stream.
    public var stateRows: Int { sampling == .antithetic ? rows : streams }
    /// Tokens that the members read in a step.
    public var memberTokens: Int { rows * segmentTokens }
    /// Tokens that are evaluated in a step: the members', and the unperturbed model's where they are
    /// compared with it.
    public var evaluatedTokens: Int {
        memberTokens + (sampling == .antithetic ? 0 : streams * segmentTokens)
    }

    /// The stream that a row reads.
    public func stream(row: Int) -> Int {
        let (member, sequence) = row.quotientAndRemainder(dividingBy: sequencesPerMember)
        return member / groupSize * sequencesPerMember + sequence
    }

    /// The noise epoch of a step.
    public func noiseEpoch(step: Int) -> UInt32 {
        noiseReuse == 0 ? 0 : UInt32(truncatingIfNeeded: step / noiseReuse)
    }

    /// Checks ranges and the bounds of the accumulations of evaluation.
    /// - Throws: `ModelError` naming the setting.
    public func validate(
        for model: ModelConfig, loss: LossResolution = .sixteenth
    ) throws(ModelError) {
        try check("size", size, Self.sizeRange)
        try check("segmentTokens", segmentTokens, Self.segmentRange)
        try check("sigmaShift", sigmaShift, Self.sigmaShiftRange)
        try check("noiseReuse", noiseReuse, Self.noiseReuseRange)
        try check("sequencesPerMember", sequencesPerMember, Self.sequenceRange)
        guard groupSize >= 1, groupSize.isMultiple(of: membersPerDirection) else {
            throw error(
                "groupSize", "\(groupSize) is not an even number of members",
                "use 2 or more, or population.sampling: one-sided")
        }
        guard size.isMultiple(of: groupSize) else {
            throw error(
                "size", "\(size) is not divisible by the group size \(groupSize)",
                "choose population.size as a multiple of population.groupSize")
        }
        try checkBounds(model, loss)
    }

    /// Checks the bound of a vote that sums the product of an Int8 credit and an Int8 activation over all tokens of the
    /// text, which are streams·T.
    /// - Throws: `ModelError` naming the setting.
    func validateCreditVotes() throws(ModelError) {
        let mostTokens = Int(Int32.max) / (127 * 127)
        guard streams * segmentTokens <= mostTokens else {
            throw error(
                "size",
                "votes of \(streams) texts x \(segmentTokens) tokens can pass 32 bits",
                "use fewer texts or tokens, at most \(mostTokens) tokens in all")
        }
    }

    private func checkBounds(
        _ model: ModelConfig, _ loss: LossResolution
    ) throws(ModelError) {
        // A score is a sum of at most T·sequences log-likelihoods.
        guard segmentTokens * sequencesPerMember <= Int(Int32.max) / loss.largestMagnitude else {
            throw error(
                "segmentTokens",
                "a score over \(sequencesPerMember) x \(segmentTokens) tokens can pass 32 bits",
                "use fewer tokens or sequences")
        }
        // The bound of x·Wᵀ + (Σ_k x·B_k·A_k >> shift). The kernels take any noise of rank 1, and noise that can be drawn
        // of a higher rank.
        let inputs = model.widestInput
        let noise = rank == .one ? 127 : NormalMagnitudes.largest
        let perturbation = (rank.terms * inputs * 127 * noise * noise) >> noiseShape.matrixShift
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
