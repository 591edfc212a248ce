import FixedPoint
import IntegerTensor
import RecurrentLM

/// What an update did.
public struct UpdateReport: Sendable {
    /// Weights whose value changed.
    public let changed: Int
    /// All weights.
    public let total: Int
    /// How far the step went.
    public let pace: UpdatePace
}

/// What the schedule of a rule says of a step.
public enum UpdatePace: Equatable, Sendable {
    /// The threshold of ``ThresholdRule``, in 1/16 standard deviation.
    case threshold(Int)
    /// The rate of the other rules, with 32 fraction bits.
    case rate(Int64)
}

/// Moves weights by votes.
public protocol UpdateRule: AnyObject {
    func apply(_ votes: Votes, to parameters: inout Parameters, step: Int) -> UpdateReport

    /// State besides the weights, as ``Estimator/state``: one Int32 a weight, in one or several rounds of an
    /// entry for each tensor in the order of the layout.
    var state: [(name: String, values: StateValues)] { get }
    func restore(_ state: [String: StateValues]) throws(ModelError)
}

extension UpdateRule {
    public var state: [(name: String, values: StateValues)] { [] }
    public func restore(_ state: [String: StateValues]) throws(ModelError) {}
}

/// The paper's rule: a weight moves by one toward its votes where they pass a threshold.
///
/// w += sign(E) where |E|·16 >= θ·⌊√P⌋·256 and E ≠ 0; then clip (paper, appendix H).
public final class ThresholdRule: UpdateRule {
    public let schedule: ThresholdSchedule
    private let share: WeightShare?
    private let pool: WorkerPool?

    /// - Parameters:
    ///   - share: The weights that it moves; all unless given.
    ///   - pool: Threads that share the weights; no result depends on it.
    public init(schedule: ThresholdSchedule, share: WeightShare? = nil, pool: WorkerPool? = nil) {
        self.schedule = schedule
        self.share = share
        self.pool = pool
    }

    public func apply(
        _ votes: Votes, to parameters: inout Parameters, step: Int
    ) -> UpdateReport {
        let threshold = schedule.threshold(step: step)
        let limit = Self.limit(threshold: threshold, pairs: votes.pairs)
        let changed = Self.apply(votes, to: &parameters, share, limit: limit, pool: pool)
        return UpdateReport(
            changed: changed, total: parameters.layout.parameterCount, pace: .threshold(threshold))
    }

    /// Moves every weight whose votes reach `limit`; gives how many changed.
    static func apply(
        _ votes: Votes, to parameters: inout Parameters, _ share: WeightShare? = nil, limit: Int32,
        pool: WorkerPool? = nil
    ) -> Int {
        let share = share ?? WeightShare(parameters.layout)
        var changed = 0
        for tensor in parameters.layout.tensors {
            parameters.values[tensor.id].withUnsafeMutableBufferPointer { weights in
                changed += WeightParts.sum(share.weights(of: tensor), on: pool) { part in
                    Self.move(weights, part, by: votes.values[tensor.id].pointer, limit: limit)
                }
            }
        }
        return changed
    }

    /// The least |E| that moves a weight: 16·θ·⌊√P⌋, at least 1.
    public static func limit(threshold: Int, pairs: Int) -> Int32 {
        let limit = 16 * threshold * Int(integerSquareRoot(UInt64(pairs)))
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
    /// a; 4 in the paper.
    public var alphaBits: Int
    /// decay in steps; 1000 in the paper.
    public var decaySteps: Int

    public static let alphaBitsRange = 0...16
    public static let decayRange = 1...1_000_000_000

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
