import EvolutionStrategy
import FixedPoint

/// The rate that a run of a length begins with unless its config says otherwise.
///
/// Four times the steps want half the rate: a weight that is pushed one way in every step moves rate · steps / 2, and
/// the noise of its walk grows with √steps. The constants are the best of those tried; see <doc:NoiseOnActivations> and
/// <doc:Learning>.
struct DefaultRate {
    /// Steps of the run.
    let steps: Int
    /// Members that read the same text.
    let groupSize: Int

    /// Rates are rounded to this many decimals, so that the resolved config gives the same rate again.
    private static let decimals = 6
    /// Group size from which the means of votes allow a higher rate.
    private static let largeGroup = 8
    /// A run with more of the rate than this many times the default, or less than that part of it, learns little.
    static let tolerance: Int64 = 3

    /// Momentum rule: 2 / √steps, in groups of 8 and more 2.4 / √steps, at most 0.5 LSB.
    var momentum: String {
        text(overRoot: groupSize < Self.largeGroup ? 20 : 24, most: ResidualSchedule.one / 2)
    }

    /// Residual rule: 60 / √steps, at most 2.
    var residual: String { text(overRoot: 600, most: 2 * ResidualSchedule.one) }

    /// - Parameter tenths: the rate of a run of one step, in 1/10.
    private func text(overRoot tenths: Int64, most: Int64) -> String {
        // √steps with 20 fraction bits: steps below 2^30 leave 10 bits of 64.
        let root = Int64(integerSquareRoot(UInt128(max(1, steps)) << 40))
        let rate = Int64((Int128(tenths) << 52) / (10 * Int128(root)))
        return DecimalText.format(
            min(rate, most), over: ResidualSchedule.one, decimals: Self.decimals)
    }
}

extension RunConfig {
    /// What the user should know of the settings before the run.
    public var notices: [String] {
        let defaults = DefaultRate(steps: steps, groupSize: population.groupSize)
        let (rate, usual): (Int64, String)
        switch update {
        case .threshold: return []
        case .residual(let schedule): (rate, usual) = (schedule.rate, defaults.residual)
        case .momentum(let schedule): (rate, usual) = (schedule.rate, defaults.momentum)
        }
        guard phases.isEmpty,
            let fitting = DecimalText.parse(usual, scale: ResidualSchedule.one),
            rate < fitting / DefaultRate.tolerance || rate > fitting * DefaultRate.tolerance
        else { return [] }
        let shown = DecimalText.format(rate, over: ResidualSchedule.one, decimals: 4)
        let word = rate < fitting ? "low" : "high"
        return [
            "update.rate is \(shown), which is \(word) for \(steps) steps: such a run learns little; leave it out, or"
                + " set it to about \(usual)"
        ]
    }
}
