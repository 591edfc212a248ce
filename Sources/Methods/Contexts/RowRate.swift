import FixedPoint
import RecurrentLM

/// How far a credit of 1 moves a row of a context table: ρ_c = ρ_1 · c^-P at the row's reading number c, by quarter
/// octaves of c. It may fall over the run too, as the rate of the weights does. A fine value has 128 units for 1 of an
/// activation, and 256 for 1 of a logit.
public struct RowRate: Sendable {
    /// ρ at step 0 by the quarter octave of the readings, 16 fraction bits.
    private let rates: [Int32]
    private let fallsOverRun: Bool

    /// Input rows by the credits of node perturbation: 2 of an activation for their RMS of 28, then c^-0.7.
    static let ofNodePerturbation = RowRate(
        first: (256 << 16) / CreditScales.creditRMS, tenths: 7)
    /// Input rows by the credits of EGGROLL, which are nearly all noise, so that only many of them tell anything: 0.4 of an
    /// activation for their RMS at any reading, falling over the run.
    static let ofEggroll = RowRate(
        first: (256 << 16) / 5 / CreditScales.creditRMS, tenths: 0, fallsOverRun: true)
    /// Logit rows: at the first reading of a row the target's logit rises by 3, 3/16 bit, for an error of 126; then
    /// c^-0.3.
    static let logits = RowRate(
        first: (3 * 256 << 16) / 126, tenths: 3)

    /// Makes a rate that begins with `first`, 16 fraction bits, and falls with the power `tenths` / 10 of the readings.
    init(first: Int64, tenths: UInt64, fallsOverRun: Bool = false) {
        self.fallsOverRun = fallsOverRun
        rates = (0..<4 * UInt16.bitWidth).map { quarter in
            // Both have 32 fraction bits.
            let fall = BinaryExponential.decay((tenths * UInt64(quarter) << 32) / 40) >> 30
            return Int32(truncatingIfNeeded: (first * Int64(fall) + 1 << 31) >> 32)
        }
    }

    /// The rates of a step, counted from 0, by readings.
    func table(step: Int, _ schedule: RateSchedule?) -> Table {
        guard fallsOverRun, let schedule, schedule.rate > 0 else { return Table(rates: rates) }
        let left = Int128(schedule.rate(step: step))
        return Table(rates: rates.map { Int32(Int128($0) * left / Int128(schedule.rate)) })
    }

    /// The rates of one step.
    struct Table: Sendable {
        /// ρ by the quarter octave of the readings, 16 fraction bits.
        let rates: [Int32]

        /// ρ at the reading of that number, counted from 1; 16 fraction bits.
        @inline(__always)
        func at(_ readings: UInt16) -> Int32 {
            let octave = UInt16.bitWidth - 1 - readings.leadingZeroBitCount
            // The two bits below the highest, as if there were always two.
            let quarter = Int((UInt32(readings) << 2) >> UInt32(octave)) & 3
            return rates[4 * octave + quarter]
        }
    }
}
