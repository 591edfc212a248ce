import EvolutionStrategy

/// What a journal's records hold: the fitness of all directions, or XXH64 of the votes, which is there to compare with
/// and not to replay from.
extension VoteOrigin {
    /// The bytes that each record holds of it; at most 2^24, as a population has at most 2^24 directions.
    var byteCount: Int {
        switch self {
        case .fitness(let form, let directions):
            FitnessPacking(form).byteCount(directions: directions)
        case .evaluation: 8
        }
    }

    /// P, the directions whose fitness a record holds; 0 where it holds none.
    public var directions: Int {
        if case .fitness(_, let directions) = self { directions } else { 0 }
    }

    /// The number of the content in a header.
    var code: UInt32 {
        switch self {
        case .evaluation: 0
        case .fitness(.sign, _): 1
        case .fitness(.magnitude4, _): 2
        case .fitness(.magnitude8, _): 3
        }
    }

    /// Reads the code and the directions of a header; nil for a code that this version does not know, or directions
    /// that the code cannot have.
    init?(code: UInt32, directions: UInt64) {
        let most = UInt64(Population.sizeRange.upperBound)
        if code == 0 {
            guard directions == 0 else { return nil }
            self = .evaluation
            return
        }
        let forms: [UInt32: FitnessForm] = [1: .sign, 2: .magnitude4, 3: .magnitude8]
        guard let form = forms[code], (1...most).contains(directions) else { return nil }
        self = .fitness(form, directions: Int(directions))
    }
}
