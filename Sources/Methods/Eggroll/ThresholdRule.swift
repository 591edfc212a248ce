import FixedPoint
import IntegerTensor
import RecurrentLM
import Settings

/// The settings of `update.rule: threshold`.
public struct ThresholdSettings: RuleSettings {
    /// The value of `update.rule` in a config.
    public static let name = "threshold"
    /// The keys of the section `update` that it reads.
    public static let keys = ["alphaBits", "decaySteps"]
    /// The threshold over the steps.
    public let thresholds: ThresholdSchedule

    /// Reads `alphaBits` and `decaySteps` of the section `update`.
    /// - Throws: `ConfigError` at the place of a value that cannot be.
    public init(_ reader: RuleReader) throws(ConfigError) {
        thresholds = ThresholdSchedule(
            alphaBits: try reader.update.integer(
                "alphaBits", default: 4, in: ThresholdSchedule.alphaBitsRange),
            decaySteps: try reader.update.integer(
                "decaySteps", default: 1000, in: ThresholdSchedule.decayRange))
    }

    /// True: the threshold is one for sums of signs.
    public var countsSigns: Bool { true }

    /// The two numbers of the threshold's schedule.
    public var settings: [(key: String, value: String)] {
        [
            ("alphaBits", "\(thresholds.alphaBits)"), ("decaySteps", "\(thresholds.decaySteps)"),
        ]
    }

    /// A ``ThresholdRule``, which has no state.
    public func makeRule(
        parameters: Parameters, slice: WeightSlice, pool: WorkerPool
    ) -> any UpdateRule {
        ThresholdRule(schedule: thresholds, slice: slice, pool: pool)
    }
}

/// The paper's rule: a weight moves by one toward its votes where they pass a threshold.
///
/// w += sign(E) where |E|·16 >= θ·⌊√P⌋·256 and E ≠ 0; then clip (paper, appendix H).
public final class ThresholdRule: UpdateRule {
    /// The threshold over the steps.
    public let schedule: ThresholdSchedule
    private let slice: WeightSlice?
    private let pool: WorkerPool?

    /// Makes a rule, which has no state.
    /// - Parameters:
    ///   - schedule: The threshold over the steps.
    ///   - slice: The weights that it moves; all unless given.
    ///   - pool: Threads that share the weights; no result depends on them.
    public init(schedule: ThresholdSchedule, slice: WeightSlice? = nil, pool: WorkerPool? = nil) {
        self.schedule = schedule
        self.slice = slice
        self.pool = pool
    }

    /// Moves the weights whose votes reach the threshold of the step, counted from 0.
    public func apply(
        _ votes: Votes, to parameters: inout Parameters, step: Int
    ) -> UpdateReport {
        let threshold = schedule.threshold(step: step)
        let limit = Self.limit(threshold: threshold, directions: votes.directions)
        let changed = Self.apply(votes, to: &parameters, slice, limit: limit, pool: pool)
        return UpdateReport(
            changed: changed, total: parameters.layout.parameterCount,
            pace: UpdatePace("threshold", Int64(threshold), over: 16, decimals: 4))
    }

    /// Moves every weight whose votes reach `limit`, that of votes of one term; returns how many changed.
    static func apply(
        _ votes: Votes, to parameters: inout Parameters, _ slice: WeightSlice? = nil, limit: Int32,
        pool: WorkerPool? = nil
    ) -> Int {
        let slice = slice ?? WeightSlice(parameters.layout)
        var changed = 0
        for tensor in parameters.layout.tensors {
            // Votes of rank r have a deviation √r times as large.
            let limit = Int32(clamping: Int64(limit) << votes.rootShift(of: tensor))
            parameters.values[tensor.id].withUnsafeMutableBufferPointer { weights in
                changed += PartialSums.sum(slice.weights(of: tensor), on: pool) { part in
                    Self.move(weights, part, by: votes.values[tensor.id].pointer, limit: limit)
                }
            }
        }
        return changed
    }

    /// The smallest |E| that moves a weight: 16·θ·⌊√P⌋, at least 1.
    /// - Parameters:
    ///   - threshold: θ in 1/16 standard deviation.
    ///   - directions: P.
    public static func limit(threshold: Int, directions: Int) -> Int32 {
        let limit = 16 * threshold * Int(integerSquareRoot(UInt64(directions)))
        return Int32(clamping: max(1, limit))
    }

    private static func move(
        _ weights: UnsafeMutableBufferPointer<Int8>, _ part: Range<Int>,
        by votes: UnsafePointer<Int32>, limit: Int32
    ) -> Int {
        var changed = 0
        for i in part {
            let vote = votes[i]
            guard vote >= limit || vote <= 0 &- limit else { continue }
            let old = weights[i]
            let new = clip(Int32(old) &+ vote.signum())
            weights[i] = new
            if new != old { changed &+= 1 }
        }
        return changed
    }
}

/// The threshold of the paper's rule over a run: θ_t = ⌊16·Φ⁻¹(1 - α_t/2)⌋ with
/// α_t = 1 / ((2^a - 1)·t/decay + 1).
public struct ThresholdSchedule: Equatable, Sendable {
    /// a: 1/α grows by 2^a - 1 in ``decaySteps`` steps; 4 in the paper.
    public var alphaBits: Int
    /// The steps in which 1/α grows by 2^a - 1; 1000 in the paper.
    public var decaySteps: Int

    /// The values that ``alphaBits`` may have.
    public static let alphaBitsRange = 0...16
    /// The values that ``decaySteps`` may have.
    public static let decayRange = 1...1_000_000_000

    /// Makes a schedule; its defaults are the paper's.
    public init(alphaBits: Int = 4, decaySteps: Int = 1000) {
        self.alphaBits = alphaBits
        self.decaySteps = decaySteps
    }

    /// θ of a step, in 1/16 standard deviation. Step 0 gives 0: every vote moves its weight.
    public func threshold(step: Int) -> Int {
        let growth = UInt64((1 << alphaBits) - 1) * UInt64(step)
        return NormalTail.twoSidedQuantile(
            alphaNumerator: UInt64(decaySteps), denominator: growth + UInt64(decaySteps))
    }
}
