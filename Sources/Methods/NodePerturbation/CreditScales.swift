import FixedPoint

/// The multipliers that bring fitness and credits to the range of Int8. Each follows the RMS of what it
/// gave in the step before, so the votes need no second pass.
package struct CreditScales: Equatable {
    /// Of a difference of log-likelihoods, 16 fraction bits: 32 stands for its RMS.
    package var fitness: Int32 = 1 << 14
    /// The same of a draw of noise on the logits, with the perturbed head.
    package var head: Int32 = 1 << 12
    /// Of the credits of candidate and gate, one pair a layer, 12 fraction bits.
    package var candidate: [Int32]
    package var gate: [Int32]

    /// All numbers, for a checkpoint.
    package var values: [Int32] { [fitness, head] + candidate + gate }

    /// Numbers that ``values`` gave; nil where they cannot be.
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

    /// What the RMS of a fitness and of a credit is brought to.
    package static let fitnessRMS: Int64 = 32
    package static let creditRMS: Int64 = 28
    private static let fitnessRange: ClosedRange<Int64> = 1...1 << 16
    private static let creditRange: ClosedRange<Int64> = 1...(1 << 15) - 1

    package init(layers: Int) {
        candidate = [Int32](repeating: 1 << 10, count: layers)
        gate = candidate
    }

    /// clip((difference · fitness + 2^15) >> 16); |difference| <= 24 · 1024, so the product is below 2^31.
    package func fitness(_ difference: Int32) -> Int8 { Self.scaled(difference, by: fitness) }

    /// The same of two members whose logits alone differ.
    package func headFitness(_ difference: Int32) -> Int8 { Self.scaled(difference, by: head) }

    private static func scaled(_ difference: Int32, by multiplier: Int32) -> Int8 {
        clip(floorShift(difference * multiplier + 1 << 15, by: 16))
    }

    /// Brings the RMS of a correlation with noise of 1/16, that of 4 · fitness, to the RMS of a credit; 14 fraction bits.
    private static let creditOfFitness = Int32((creditRMS << 14) / (4 * fitnessRMS))

    /// The scale of a correlation Σ fitness · noise over K draws, 8 fraction bits: ⌊√(2^20 / K)⌋, so that
    /// its RMS is that of 4 · fitness · noise of one.
    package static func correlationScale(draws: Int) -> Int32 {
        Int32(integerSquareRoot(UInt32((1 << 20) / draws)))
    }

    /// The multiplier of a correlation in a site's credit, 14 fraction bits; a constant, as the RMS of fitness
    /// and noise are known.
    package static func siteMultiplier(noise: Int) -> Int32 {
        creditOfFitness / Int32(noise)
    }

    /// The scale of fitness · noise of a draw on the logits: 1.
    package static let headScale: Int32 = 1 << 8
    /// 1 as a multiplier of a credit.
    package static let one: Int32 = 1 << 14

    /// The multiplier of fitness · noise of a draw on the logits, 14 fraction bits: the noise is of deviation
    /// 16, and the sum of all draws has the RMS of a credit.
    package static func headMultiplier(headDraws: Int) -> Int32 {
        4 * (creditOfFitness / Int32(integerSquareRoot(UInt32(256 * headDraws))))
    }

    /// Sums of squares of what a step's multipliers gave. Sums of at most 2^24 · 4096 values below 2^14.
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

    /// Takes over the sums of a step of `comparisons` pair tokens and `tokens` tokens of groups, with D = `hidden` and
    /// some draws on the logits.
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
