import FixedPoint

/// What members of a population scored on a segment, in the model's resolution.
public struct PopulationScores: Sendable {
    /// Σ of log-likelihoods over the tokens of each member; not positive, above -2^31.
    public let members: [Int32]
    /// The amount by which each direction raised the score: of member 2p over member 2p + 1, or of each member over the
    /// unperturbed model; see ``Sampling``.
    let rises: [Int32]
    private let sampling: Sampling

    /// Scores of antithetic pairs, which are members 2p and 2p + 1.
    public init(pairs members: [Int32]) {
        self.members = members
        sampling = .antithetic
        rises = (0..<members.count / 2).map { members[2 * $0] - members[2 * $0 + 1] }
    }

    /// Scores of one-sided members; `clean` is what the unperturbed model scored on the text of each member.
    init(members: [Int32], clean: [Int32]) {
        self.members = members
        sampling = .oneSided
        rises = zip(members, clean).map { $0 - $1 }
    }

    /// The differences that the fitness is made of, below 2^32. They are right only for the scores of a whole
    /// population.
    public var differences: [Int64] { Self.differences(of: rises, sampling) }

    /// The differences of the scores. One-sided rises have a common part, the curvature's: their mean, rounded down, is
    /// subtracted from them.
    static func differences(of rises: [Int32], _ sampling: Sampling) -> [Int64] {
        guard sampling == .oneSided else { return rises.map { Int64($0) } }
        let sum = rises.reduce(Int64(0)) { $0 + Int64($1) }
        let mean = floorDivide(sum, by: Int64(max(1, rises.count)))
        return rises.map { Int64($0) - mean }
    }

    var logLikelihood: Int64 { members.reduce(0) { $0 + Int64($1) } }
}
