import FixedPoint
import IntegerTensor
import RecurrentLM

/// The settings of ``ResidualRule``. Rates have 32 fraction bits.
public struct ResidualSchedule: Equatable, Sendable {
    /// How far a vote of the size of its noise moves a weight at step 0, in LSB of the weight.
    public var rate: Int64
    /// Share of its value that a weight loses in a step at rate 1.
    public var decay: Int64
    /// S, the steps over which the rate falls to 0.
    public var steps: Int
    /// What S was before, for a run that was continued with another number of steps.
    public var phases: [SchedulePhase] = []

    /// 1 in rates and decays.
    public static let one: Int64 = 1 << 32
    public static let rateRange: ClosedRange<Int64> = 0...(16 << 32)
    /// Up to 1/256, so that decay at the largest rate stays within 1/16 and its product with a
    /// residual, below 2^34 before the clamp, within 2^62.
    public static let decayRange: ClosedRange<Int64> = 0...(1 << 24)

    public init(rate: Int64, decay: Int64, steps: Int, phases: [SchedulePhase] = []) {
        self.rate = rate
        self.decay = decay
        self.steps = steps
        self.phases = phases
    }

    /// rate₀ · (1 - s/S), with 32 fraction bits; at most 2^36.
    public func rate(step: Int) -> Int64 { falling(rate, step: step) }

    /// decay · (1 - s/S), with 32 fraction bits.
    func fallingDecay(step: Int) -> Int64 { falling(decay, step: step) }

    private func falling(_ value: Int64, step: Int) -> Int64 {
        let steps = phases.first { step < $0.end }?.steps ?? steps
        let left = Int128(max(0, steps - step))
        return Int64(Int128(value) * left / Int128(max(1, steps)))
    }

    /// decay · rate_s, with 32 fraction bits.
    func decay(step: Int) -> Int64 {
        Int64((Int128(decay) * Int128(rate(step: step))) >> 32)
    }
}

/// Adds every vote to a residual behind each weight; the weight is its rounding.
///
/// Nothing is thrown away: votes below any threshold, and their sizes, add up over the steps. Per
/// weight H += E · rate / RMS₀ with RMS₀ the size of a vote without signal, then decay of matrices and
/// the embedding, then w = round(H). H has 16 fraction bits and is bounded by ±127.
public final class ResidualRule: UpdateRule {
    public let schedule: ResidualSchedule
    /// H
    private var residuals: Residuals
    private let layout: ParameterLayout
    private let share: WeightShare
    private let pool: WorkerPool?

    /// Fraction bits of the multiplier of a vote.
    private static let multiplierBits: Int64 = 40

    /// - Parameters:
    ///   - share: The weights that it moves; all unless given.
    ///   - pool: Threads that share the weights; no result depends on it.
    public init(
        schedule: ResidualSchedule, parameters: Parameters, share: WeightShare? = nil,
        pool: WorkerPool? = nil
    ) {
        self.schedule = schedule
        self.share = share ?? WeightShare(parameters.layout)
        self.pool = pool
        layout = parameters.layout
        residuals = Residuals(parameters)
    }

    public func apply(
        _ votes: Votes, to parameters: inout Parameters, step: Int
    ) -> UpdateReport {
        // rate · 2^40 / RMS₀; |E|/RMS₀ <= 17·√P, so a product with E stays below 2^59.
        let rate = schedule.rate(step: step)
        let multiplier = (rate << (Self.multiplierBits - 32)) / votes.noSignalRMS
        var changed = 0
        for tensor in layout.tensors {
            let decay = tensor.kind.isVector ? 0 : schedule.decay(step: step)
            parameters.values[tensor.id].withUnsafeMutableBufferPointer { weights in
                residuals.values[tensor.id].withUnsafeMutableBufferPointer { residuals in
                    changed += WeightParts.sum(share.weights(of: tensor), on: pool) { part in
                        Self.move(
                            weights, residuals, part, by: votes.values[tensor.id].pointer,
                            multiplier: multiplier, decay: decay)
                    }
                }
            }
        }
        return UpdateReport(changed: changed, total: layout.parameterCount, pace: .rate(rate))
    }

    private static func move(
        _ weights: UnsafeMutableBufferPointer<Int8>,
        _ residuals: UnsafeMutableBufferPointer<Int32>, _ part: Range<Int>,
        by votes: UnsafePointer<Int32>, multiplier: Int64, decay: Int64
    ) -> Int {
        var changed = 0
        for i in part {
            let moved = Int64(residuals[i]) &+ floorShift(Int64(votes[i]) &* multiplier, by: 24)
            residuals[i] = Residuals.bounded(moved, decay: decay)
            let weight = Residuals.weight(residuals[i])
            if weight != weights[i] { changed &+= 1 }
            weights[i] = weight
        }
        return changed
    }

    // MARK: State

    public var state: [(name: String, values: StateValues)] { residuals.state }

    public func restore(_ state: [String: StateValues]) throws(ModelError) {
        try residuals.restore(state)
    }
}
