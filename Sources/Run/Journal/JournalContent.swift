import EvolutionStrategy

/// What the records of a journal hold of a step.
public enum JournalContent: Equatable, Sendable {
    /// The fitness of this many directions: all that an update needs besides the config.
    case fitness(FitnessForm, directions: Int)
    /// XXH64 of the votes: to compare with, not to replay from.
    case votesDigest

    /// Bytes of it in each record; at most 2^24, as a population has at most 2^24 directions.
    var byteCount: Int {
        switch self {
        case .fitness(let form, let directions):
            FitnessPacking(form).byteCount(directions: directions)
        case .votesDigest: 8
        }
    }

    /// The directions of fitness, else 0.
    public var directions: Int {
        if case .fitness(_, let directions) = self { directions } else { 0 }
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

    /// Nil for a code that this version does not know, or directions that the code cannot have.
    init?(code: UInt32, directions: UInt64) {
        let most = UInt64(Population.sizeRange.upperBound)
        if code == 0 {
            guard directions == 0 else { return nil }
            self = .votesDigest
            return
        }
        let forms: [UInt32: FitnessForm] = [1: .sign, 2: .magnitude4, 3: .magnitude8]
        guard let form = forms[code], (1...most).contains(directions) else { return nil }
        self = .fitness(form, directions: Int(directions))
    }
}

extension JournalContent {
    /// What a journal can keep of votes of this origin.
    public init(_ origin: VoteOrigin) {
        switch origin {
        case .fitness(let form, let directions): self = .fitness(form, directions: directions)
        case .evaluation: self = .votesDigest
        }
    }
}
