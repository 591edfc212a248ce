import FixedPoint
import IntegerTensor
import RecurrentLM
import Settings

/// An update rule as a config names it: its settings, and the rule that they make.
public protocol RuleSettings: Sendable {
    /// What `update.rule` says in a config.
    static var name: String { get }
    /// The keys of the section `update` that it reads.
    static var keys: [String] { get }

    /// Reads the section `update`.
    /// - Throws: `ConfigError` at the place of a value that cannot be.
    init(_ reader: RuleReader) throws(ConfigError)

    /// The settings besides the name with every default filled in, in the order of the resolved config.
    var settings: [Method.Setting] { get }
    /// The rate over the steps of the run; nil for a rule whose steps do not depend on the run's length.
    var schedule: RateSchedule? { get set }
    /// Whether the rule needs only the sign of a direction's fitness; false unless it says otherwise.
    var countsSigns: Bool { get }
    /// Bytes of state that it keeps for each weight; 0 unless it says otherwise.
    var bytesPerWeight: Int { get }

    /// The rate that a run begins with where its config says nothing; nil for a rule without one.
    /// - Parameters:
    ///   - steps: The steps of the run.
    ///   - groupSize: Members that read the same text.
    static func usualRate(steps: Int, groupSize: Int) -> String?

    /// The rule in its first state.
    /// - Parameters:
    ///   - parameters: The weights that the run begins or continues with.
    ///   - slice: The weights that the rule moves.
    ///   - pool: Threads that share the weights; no result depends on them.
    func makeRule(
        parameters: Parameters, slice: WeightSlice, pool: WorkerPool
    ) -> any UpdateRule
}

extension RuleSettings {
    /// No keys.
    public static var keys: [String] { [] }
    /// No settings besides the name.
    public var settings: [(key: String, value: String)] { [] }
    /// Nil: the steps do not depend on the run's length. Setting it does nothing.
    public var schedule: RateSchedule? {
        get { nil }
        set {}
    }
    /// False: the sizes of fitness count too.
    public var countsSigns: Bool { false }
    /// 0: the rule has no state.
    public var bytesPerWeight: Int { 0 }
    /// Nil: the rule has no rate.
    public static func usualRate(steps: Int, groupSize: Int) -> String? { nil }
}

/// The settings of a rule with a rate that falls over the run, and a decay.
public protocol RatedRuleSettings: RuleSettings {
    /// The rate and the decay over the steps.
    var rates: RateSchedule { get set }
}

extension RatedRuleSettings {
    /// The keys `rate` and `decay`.
    public static var keys: [String] { RuleReader.scheduleKeys }
    /// The rate and the decay at step 0.
    public var settings: [(key: String, value: String)] { rates.settings }
    /// The rate and the decay over the steps; it is never nil.
    public var schedule: RateSchedule? {
        get { rates }
        set { rates = newValue ?? rates }
    }
}

/// What a rule reads its settings from.
public struct RuleReader {
    /// The section `update`.
    public let update: ConfigSection
    let run: ConfigSection
    /// The steps of the run.
    public let steps: Int
    /// Members that read the same text.
    public let groupSize: Int

    static let scheduleKeys = ["rate", "decay"]

    /// Reads a rate that falls over the run, from `update.rate` and `update.decay`.
    /// - Parameters:
    ///   - rule: The rule whose usual rate is the default; 0 where it has none.
    ///   - decay: The default of the decay, a decimal number.
    /// - Throws: `ConfigError` at the place of a value that cannot be.
    public func readSchedule(
        of rule: any RuleSettings.Type, decay: String
    ) throws(ConfigError) -> RateSchedule {
        let usual = rule.usualRate(steps: steps, groupSize: groupSize) ?? "0"
        return RateSchedule(
            rate: try update.decimal("rate", default: usual, in: RateSchedule.rateRange),
            decay: try update.decimal("decay", default: decay, in: RateSchedule.decayRange),
            steps: steps, phases: try SchedulePhase.read(run, before: steps))
    }
}

extension RateSchedule {
    /// The settings that ``RuleReader/readSchedule(of:decay:)`` reads.
    public var settings: [(key: String, value: String)] {
        [
            ("rate", ConfigSection.decimalText(rate)), ("decay", ConfigSection.decimalText(decay)),
        ]
    }
}

/// Computes the rate that a run of a given length begins with unless its config says otherwise.
///
/// Four times the steps want half the rate: a weight that is pushed one way in every step moves rate · steps / 2, and
/// the noise of its walk grows with √steps. The rules have the constants that were best of those tried.
enum UsualRate {
    /// Rates are rounded to this many decimals, so that the resolved config gives the same rate again.
    private static let decimals = 6

    /// min(`tenths` / (10 · √`steps`), `most`) as a decimal number: `tenths` is the rate of a run of one step, in 1/10,
    /// and `most` has 32 fraction bits.
    static func text(steps: Int, tenths: Int64, most: Int64) -> String {
        // √steps with 20 fraction bits: steps below 2^30 leave 10 bits of 64.
        let root = Int64(integerSquareRoot(UInt128(max(1, steps)) << 40))
        let rate = Int64((Int128(tenths) << 52) / (10 * Int128(root)))
        return DecimalText.format(min(rate, most), over: RateSchedule.one, decimals: decimals)
    }
}
