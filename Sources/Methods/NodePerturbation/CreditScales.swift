import FixedPoint

/// The multipliers that bring fitness and credits to the range of Int8. Each follows the RMS of what it
/// gave in the step before, so the votes need no second pass.
package struct CreditScales: Equatable {
    /// The multiplier of a difference of log-likelihoods, 16 fraction bits: it brings the RMS to 32.
    package var fitness: Int32 = 1 << 14
    /// The multiplier of the difference between the two members of a draw of noise on the logits, 16 fraction bits. It
    /// moves only with the perturbed head.
    package var head: Int32 = 1 << 12
    /// The multipliers of the credits of candidate and gate, one of each a layer, 12 fraction bits.
    package var candidate: [Int32]
    package var gate: [Int32]

    /// All multipliers, for a checkpoint.
    package var values: [Int32] { [fitness, head] + candidate + gate }

    /// Restores multipliers that ``values`` gave; nil where these numbers cannot be such.
    package init?(values: [Int32], layers: Int) {
        guard values.count == 2 + 2 * layers,
            values.prefix(2).allSatisfy({ Self.fitnessRange.contains(Int64($0)) }),
            values.dropFirst(2).allSatisfy({ Self.creditRange.contains(Int64($0)) })
        else { return nil }
        fitness = values[0]
        head = values[1]
        candidate = Array(values[2..<2 + layers])
        gate = Array(values[(2 + layers)...])
    }

    /// The RMS that fitness is brought to, and the RMS that credits are brought to.
    package static let fitnessRMS: Int64 = 32
    package static let creditRMS: Int64 = 28
    private static let fitnessRange: ClosedRange<Int64> = 1...1 << 16
    private static let creditRange: ClosedRange<Int64> = 1...(1 << 15) - 1

    package init(layers: Int) {
        candidate = [Int32](repeating: 1 << 10, count: layers)
        gate = candidate
    }

    /// The fitness of a difference: clip((difference · fitness + 2^15) >> 16). |difference| <= 24 · 1024, so the
    /// product is below 2^31.
    package func fitness(_ difference: Int32) -> Int8 { Self.scaled(difference, by: fitness) }

    /// The fitness of a difference between two members whose logits alone differ.
    package func headFitness(_ difference: Int32) -> Int8 { Self.scaled(difference, by: head) }

    private static func scaled(_ difference: Int32, by multiplier: Int32) -> Int8 {
        clip(floorShift(difference * multiplier + 1 << 15, by: 16))
    }

    /// Brings a correlation with noise of 1/16, whose RMS is that of 4 · fitness, to the RMS of a credit; 14 fraction
    /// bits.
    private static let creditOfFitness = Int32((creditRMS << 14) / (4 * fitnessRMS))

    /// The scale of a correlation Σ fitness · noise over K draws, 8 fraction bits: ⌊√(2^20 / K)⌋, so that
    /// its RMS is that of 4 · fitness · noise of one draw.
    package static func correlationScale(draws: Int) -> Int32 {
        Int32(integerSquareRoot(UInt32((1 << 20) / draws)))
    }

    /// The multiplier of a correlation in a site's credit, 14 fraction bits. It is a constant, as the RMS of fitness
    /// and noise are known.
    package static func siteMultiplier(noise: Int) -> Int32 {
        creditOfFitness / Int32(noise)
    }

    /// The scale of fitness · noise of a draw on the logits: 1.
    package static let headScale: Int32 = 1 << 8
    /// The number that stands for 1 as a multiplier of a credit.
    package static let one: Int32 = 1 << 14

    /// The multiplier of fitness · noise of a draw on the logits, 14 fraction bits: the noise is of deviation
    /// 16, and the sum of all draws has the RMS of a credit.
    package static func headMultiplier(headDraws: Int) -> Int32 {
        4 * (creditOfFitness / Int32(integerSquareRoot(UInt32(256 * headDraws))))
    }

    /// The sums of the squares of what a step's multipliers gave: each of at most 2^24 · 4096 values below 2^14.
    package struct Squares {
        package var fitness: Int64 = 0
        package var head: Int64 = 0
        package var candidate: [Int64]
        package var gate: [Int64]

        package init(layers: Int) {
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

    /// Sets the multipliers of the next step by the sums of squares of this one, which had `comparisons` comparisons of
    /// a pair at a token, `tokens` tokens of groups, D = `hidden` units and `headDraws` draws on the logits.
    package mutating func follow(
        _ squares: Squares, comparisons: Int, tokens: Int, hidden: Int, headDraws: Int
    ) {
        fitness = Self.next(
            fitness, squares.fitness, count: comparisons, target: Self.fitnessRMS,
            in: Self.fitnessRange)
        head = Self.next(
            head, squares.head, count: tokens * headDraws, target: Self.fitnessRMS,
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

    /// The next multiplier: multiplier · target / RMS, within a range. The RMS is computed in sixteenths.
    private static func next(
        _ multiplier: Int32, _ squares: Int64, count: Int, target: Int64,
        in range: ClosedRange<Int64>
    ) -> Int32 {
        let rms = max(1, Int64(integerSquareRoot(UInt64(squares) * 256 / UInt64(max(1, count)))))
        let scaled = (Int64(multiplier) * target * 16 + rms / 2) / rms
        return Int32(min(range.upperBound, max(range.lowerBound, scaled)))
    }
}
