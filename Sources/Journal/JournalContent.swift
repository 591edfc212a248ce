import EvolutionStrategy

/// What the records of a journal hold of a step.
public enum JournalContent: Equatable, Sendable {
    /// The fitness of this many pairs: all that an update needs besides the config.
    case fitness(FitnessForm, pairs: Int)
    /// XXH64 of the votes: to compare with, not to replay from.
    case votesDigest

    /// Bytes of it in each record; at most 2^23, as a population has at most 2^23 pairs.
    var byteCount: Int {
        switch self {
        case .fitness(let form, let pairs): FitnessPacking(form).byteCount(pairs: pairs)
        case .votesDigest: 8
        }
    }

    /// The pairs of fitness, else 0.
    public var pairs: Int {
        if case .fitness(_, let pairs) = self { pairs } else { 0 }
    }

    /// The number of the content in a header.
    var code: UInt32 {
        switch self {
        case .votesDigest: 0
        case .fitness(.sign, _): 1
        case .fitness(.magnitude4, _): 2
        case .fitness(.magnitude8, _): 3
        }
    }

    /// Nil for a code that this version does not know, or pairs that the code cannot have.
    init?(code: UInt32, pairs: UInt64) {
        let mostPairs = UInt64(Population.sizeRange.upperBound / 2)
        if code == 0 {
            guard pairs == 0 else { return nil }
            self = .votesDigest
            return
        }
        let forms: [UInt32: FitnessForm] = [1: .sign, 2: .magnitude4, 3: .magnitude8]
        guard let form = forms[code], (1...mostPairs).contains(pairs) else { return nil }
        self = .fitness(form, pairs: Int(pairs))
    }
}

extension JournalContent {
    /// What a journal can keep of votes of this origin.
    public init(_ origin: VoteOrigin) {
        switch origin {
        case .fitness(let form, let pairs): self = .fitness(form, pairs: pairs)
        case .evaluation: self = .votesDigest
        }
    }
}
