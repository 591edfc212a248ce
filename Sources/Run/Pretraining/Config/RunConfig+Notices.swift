import EvolutionStrategy
import FixedPoint

extension RunConfig {
    /// A run whose rate is more than this many times the usual one, or less than that part of it, learns little.
    private static let rateTolerance: Int64 = 3

    /// What the user should know of the settings before the run.
    public var notices: [String] {
        guard phases.isEmpty, let rate = method.rule.schedule?.rate,
            let usual = type(of: method.rule).usualRate(
                steps: steps, groupSize: population.groupSize),
            let fitting = DecimalText.parse(usual, scale: RateSchedule.one),
            rate < fitting / Self.rateTolerance || rate > fitting * Self.rateTolerance
        else { return [] }
        let shown = DecimalText.format(rate, over: RateSchedule.one, decimals: 4)
        let word = rate < fitting ? "low" : "high"
        return [
            "update.rate is \(shown), which is \(word) for \(steps) steps: such a run learns little; leave it out, or"
                + " set it to about \(usual)"
        ]
    }
}
