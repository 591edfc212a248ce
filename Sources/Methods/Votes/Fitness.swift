import FixedPoint

/// How a direction's difference of scores becomes its fitness F.
public enum FitnessForm: String, CaseIterable, Sendable {
    /// The sign of the difference, as in the paper: sign(score₊ - score₋) in {-1, 0, 1}.
    case sign
    /// The difference in halves of its RMS over the directions, within ±7: about 3 bits each.
    case magnitude4
    /// The difference in 1/32 of its RMS, within ±127.
    case magnitude8

    /// The shift by which noise is scaled: A becomes (A·F + half) >> shift before the votes are summed.
    public var shift: Int {
        switch self {
        case .sign: 0
        case .magnitude4: 2
        case .magnitude8: 6
        }
    }

    /// The largest |A·F| >> shift, for the bound of the votes.
    func largestScaled(_ noise: Int) -> Int {
        switch self {
        case .sign: noise
        case .magnitude4, .magnitude8: 127
        }
    }
}

/// The fitness of the directions of a step.
public struct Fitness: Equatable, Sendable {
    /// How the values were made.
    public let form: FitnessForm
    /// F of each direction, within ±127.
    public let values: [Int8]
    /// Directions that made no difference; where the fitness was made from values, those with F = 0.
    public let ties: Int

    /// Makes fitness from values that were computed before.
    /// - Precondition: the values lie within the range of the form.
    public init(_ form: FitnessForm, values: [Int8]) {
        self.form = form
        self.values = values
        ties = values.count { $0 == 0 }
    }

    /// Computes the fitness of differences.
    /// - Parameters:
    ///   - form: How a difference becomes fitness.
    ///   - differences: By how much the score rose along each direction; below 2^32.
    public init(_ form: FitnessForm, differences: [Int64]) {
        self.form = form
        ties = differences.count { $0 == 0 }
        switch form {
        case .sign: values = differences.map { Int8($0.signum()) }
        case .magnitude4: values = Self.scaled(differences, units: 2, limit: 7)
        case .magnitude8: values = Self.scaled(differences, units: 32, limit: 127)
        }
    }

    /// The fitness clip(round(units · d / rms), ±limit), with ties of the rounding away from zero.
    ///
    /// A difference is below 2^32, so the sum of P < 2^24 squares fits UInt128.
    private static func scaled(_ differences: [Int64], units: Int64, limit: Int64) -> [Int8] {
        let squares = differences.reduce(UInt128(0)) { sum, difference in
            sum + UInt128(difference.magnitude) * UInt128(difference.magnitude)
        }
        let mean = squares / UInt128(max(1, differences.count))
        let rms = max(1, Int64(integerSquareRoot(mean)))
        return differences.map { difference in
            let rounded = (2 * units * abs(difference) + rms) / (2 * rms)
            return Int8(difference.signum() * min(limit, rounded))
        }
    }

    /// The RMS that a vote has when it carries no signal: ⌊√ΣF²⌋·256 >> shift, at least 1. 256 is
    /// that of a product of two noise values.
    public var noSignalRMS: Int64 {
        let squares = values.reduce(UInt64(0)) { $0 + UInt64(Int64($1) * Int64($1)) }
        return max(1, Int64(integerSquareRoot(squares) * 256) >> Int64(form.shift))
    }
}
