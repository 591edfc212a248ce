import FixedPoint
import IntegerTensor
import RecurrentLM
import Settings

/// The settings of `update.rule: residual`.
public struct ResidualSettings: RatedRuleSettings {
    /// The value of `update.rule` in a config.
    public static let name = "residual"
    /// The rate and the decay of ``ResidualRule`` over the steps.
    public var rates: RateSchedule

    /// Makes the settings of a ``ResidualRule``.
    public init(rates: RateSchedule) { self.rates = rates }

    /// Reads `rate` and `decay` of the section `update`.
    /// - Throws: `ConfigError` at the place of a value that cannot be.
    public init(_ reader: RuleReader) throws(ConfigError) {
        rates = try reader.readSchedule(of: Self.self, decay: "0.001")
    }

    /// 60 / √steps, at most 2, as a decimal number; the group size does not matter.
    public static func usualRate(steps: Int, groupSize: Int) -> String? {
        UsualRate.text(steps: steps, tenths: 600, most: 2 * RateSchedule.one)
    }

    /// The bytes of the fine weight.
    public var bytesPerWeight: Int { FineWeights.bytesPerWeight }

    /// A ``ResidualRule`` whose fine weights equal the weights.
    public func makeRule(
        parameters: Parameters, slice: WeightSlice, pool: WorkerPool
    ) -> any UpdateRule {
        ResidualRule(schedule: rates, parameters: parameters, slice: slice, pool: pool)
    }
}

/// Adds every vote to a fine weight behind each weight; the weight is its rounding.
///
/// Nothing is thrown away: votes below any threshold, and their sizes, add up over the steps. Per
/// weight H += E · rate / RMS₀ with RMS₀ the size of a vote without signal, then decay of matrices and
/// the embedding, then w = round(H). The fine weight H has 16 fraction bits and is bounded by ±127.
///
/// A head that learns from its own error (``HeadRule/delta``) has votes without noise. Their sizes say how often a byte
/// comes rather than how far its weights should go, so their signs count: H += sign(E) · rate / 32.
public final class ResidualRule: UpdateRule {
    /// The rate says how far a vote of the size of its noise moves a weight, in LSB of the weight. The decay is the
    /// part of its value that a weight of a matrix or of the embedding loses in a step at rate 1.
    public let schedule: RateSchedule
    /// H, the fine weights.
    private var fine: FineWeights
    private let layout: ParameterLayout
    private let slice: WeightSlice
    private let pool: WorkerPool?

    /// The fraction bits of the multiplier of a vote.
    private static let multiplierBits: Int64 = 40
    /// Log2 of the part of the rate that the sign of a vote without noise has.
    private static let exactRateShift: Int64 = 5

    /// Makes a rule whose fine weights equal the weights.
    /// - Parameters:
    ///   - schedule: The rate over the steps.
    ///   - parameters: The weights that the fine weights begin at.
    ///   - slice: The weights that it moves; all unless given.
    ///   - pool: Threads that share the weights; no result depends on them.
    public init(
        schedule: RateSchedule, parameters: Parameters, slice: WeightSlice? = nil,
        pool: WorkerPool? = nil
    ) {
        self.schedule = schedule
        self.slice = slice ?? WeightSlice(parameters.layout)
        self.pool = pool
        layout = parameters.layout
        fine = FineWeights(parameters)
    }

    /// Adds the votes of a step, counted from 0, to the fine weights and rounds them to the weights.
    public func apply(
        _ votes: Votes, to parameters: inout Parameters, step: Int
    ) -> UpdateReport {
        let rate = schedule.rate(step: step)
        var changed = 0
        for tensor in layout.tensors {
            let decay = tensor.kind.isVector ? 0 : schedule.decay(step: step)
            // rate · 2^40 / RMS₀; |E|/RMS₀ <= 17·√(P·r), so a product with E stays below 2^61.
            let scaled = rate << (Self.multiplierBits - 32)
            let rms = votes.noSignalRMS(of: tensor)
            parameters.values[tensor.id].withUnsafeMutableBufferPointer { weights in
                fine.values[tensor.id].withUnsafeMutableBufferPointer { residuals in
                    changed += PartialSums.sum(slice.weights(of: tensor), on: pool) { part in
                        Self.move(
                            weights, residuals, part, by: votes.values[tensor.id].pointer,
                            limit: rms == nil ? 1 : .max,
                            multiplier: rms.map { scaled / $0 } ?? scaled >> Self.exactRateShift,
                            decay: decay)
                    }
                }
            }
        }
        return UpdateReport(
            changed: changed, total: layout.parameterCount, pace: UpdatePace(rate: rate))
    }

    /// Moves some weights by their votes within ±`limit`; returns how many changed.
    private static func move(
        _ weights: UnsafeMutableBufferPointer<Int8>,
        _ residuals: UnsafeMutableBufferPointer<Int32>, _ part: Range<Int>,
        by votes: UnsafePointer<Int32>, limit: Int64, multiplier: Int64, decay: Int64
    ) -> Int {
        for i in part {
            let vote = max(-limit, min(limit, Int64(votes[i])))
            let moved = Int64(residuals[i]) &+ floorShift(vote &* multiplier, by: 24)
            residuals[i] = FineWeights.bounded(moved, decay: decay)
        }
        guard let weights = weights.baseAddress, let residuals = residuals.baseAddress else {
            return 0
        }
        let first = part.lowerBound
        return FineWeights.round(residuals + first, to: weights + first, part.count)
    }

    // MARK: State

    /// The fine weights by the name `residual`, with 16 fraction bits.
    public var state: WeightState { fine.state }

    /// Restores the fine weights that ``state`` gave.
    /// - Throws: `ModelError` naming the tensor whose fine weights are missing, too few or beyond ±127.
    public func restore(_ state: WeightState) throws(ModelError) { try fine.restore(state, layout) }
}
