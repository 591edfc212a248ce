import FixedPoint
import IntegerTensor
import RecurrentLM
import Settings

/// The settings of `update.rule: momentum`.
public struct MomentumSettings: RatedRuleSettings {
    /// The value of `update.rule` in a config.
    public static let name = "momentum"
    /// The rate and the decay of ``MomentumRule`` over the steps.
    public var rates: RateSchedule

    /// The group size from which the means of votes allow a higher rate.
    private static let largeGroup = 8

    /// Makes the settings of a ``MomentumRule``.
    public init(rates: RateSchedule) { self.rates = rates }

    /// Reads `rate` and `decay` of the section `update`.
    /// - Throws: `ConfigError` at the place of a value that cannot be.
    public init(_ reader: RuleReader) throws(ConfigError) {
        rates = try reader.readSchedule(of: Self.self, decay: "0")
    }

    /// 2 / √steps, in groups of 8 and more 2.4 / √steps, at most 0.5 LSB, as a decimal number.
    public static func usualRate(steps: Int, groupSize: Int) -> String? {
        UsualRate.text(
            steps: steps, tenths: groupSize < largeGroup ? 20 : 24, most: RateSchedule.one / 2)
    }

    /// The bytes of a fine weight and a momentum.
    public var bytesPerWeight: Int { 2 * FineWeights.bytesPerWeight }

    /// A ``MomentumRule`` whose fine weights equal the weights and whose momenta are 0.
    public func makeRule(
        parameters: Parameters, slice: WeightSlice, pool: WorkerPool
    ) -> any UpdateRule {
        MomentumRule(schedule: rates, parameters: parameters, slice: slice, pool: pool)
    }
}

/// Moves each weight by the sign of a running mean of its votes ("signum": Bernstein et al., "signSGD:
/// Compressed Optimisation for Non-Convex Problems", 2018).
///
/// Per weight M += (16·E - M + 8) >> 4, which is E + ((8 - M) >> 4), H += rate · sign(M) where |M| > 8, then
/// decay, then w = round(H), with the fine weight H as in ``ResidualRule``. The size of the votes does not matter,
/// so tensors whose votes differ in scale learn at the same rate. Rounding keeps M where it is within ±8: a weight
/// that gets no more votes comes to rest.
public final class MomentumRule: UpdateRule {
    /// The rate says how far a weight moves in a step, in LSB of the weight. The decay is the part of its value that a
    /// weight of a matrix or of the embedding loses in a step. Both fall from their values at step 0.
    public let schedule: RateSchedule
    private var fine: FineWeights
    /// M by tensor id: a mean of about 16 votes, 4 fraction bits.
    private var momenta: [[Int32]]
    private let layout: ParameterLayout
    private let slice: WeightSlice
    private let pool: WorkerPool?

    /// Log2 of the number of votes that M averages. M has as many fraction bits, so that a vote is added as it is.
    private static let averageBits: Int32 = 4
    private static let half: Int32 = 1 << (averageBits - 1)

    /// Makes a rule whose fine weights equal the weights and whose momenta are 0.
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
        momenta = parameters.layout.tensors.map { [Int32](repeating: 0, count: $0.count) }
    }

    /// Adds the votes of a step, counted from 0, to the momenta and moves the weights by their signs.
    public func apply(
        _ votes: Votes, to parameters: inout Parameters, step: Int
    ) -> UpdateReport {
        // From 32 fraction bits to the fine weight's 16; at most 16 LSB a step.
        let pace = schedule.rate(step: step)
        let rate = (pace + 1 << 15) >> 16
        var changed = 0
        for tensor in layout.tensors {
            let decay = tensor.kind.isVector ? 0 : schedule.fallingDecay(step: step)
            changed += Self.move(
                &parameters.values[tensor.id], &fine.values[tensor.id], &momenta[tensor.id],
                slice.weights(of: tensor), by: votes.values[tensor.id].pointer, rate: rate,
                decay: decay, on: pool)
        }
        return UpdateReport(
            changed: changed, total: layout.parameterCount, pace: UpdatePace(rate: pace))
    }

    /// Moves a range of a tensor's weights; returns how many changed.
    static func move(
        _ weights: inout [Int8], _ residuals: inout [Int32], _ momenta: inout [Int32],
        _ range: Range<Int>, by votes: UnsafePointer<Int32>, rate: Int64, decay: Int64,
        on pool: WorkerPool?
    ) -> Int {
        weights.withUnsafeMutableBufferPointer { weights in
            residuals.withUnsafeMutableBufferPointer { residuals in
                momenta.withUnsafeMutableBufferPointer { momenta in
                    guard let weights = weights.baseAddress, let momenta = momenta.baseAddress,
                        let residuals = residuals.baseAddress
                    else { return 0 }
                    return PartialSums.sum(range, on: pool) { part in
                        let first = part.lowerBound
                        add(votes + first, to: momenta + first, part.count)
                        return move(
                            weights + first, residuals + first, part.count, by: momenta + first,
                            rate: Int32(truncatingIfNeeded: rate), decay: decay)
                    }
                }
            }
        }
    }

    // The compiler turns these loops into vectors as long as they have pointers, Int32 and no branch.

    private static func add(
        _ votes: UnsafePointer<Int32>, to momenta: UnsafeMutablePointer<Int32>, _ count: Int
    ) {
        for i in 0..<count { momenta[i] = momentum(momenta[i], votes[i]) }
    }

    /// Moves some weights; returns how many changed.
    private static func move(
        _ weights: UnsafeMutablePointer<Int8>, _ residuals: UnsafeMutablePointer<Int32>,
        _ count: Int, by momenta: UnsafePointer<Int32>, rate: Int32, decay: Int64
    ) -> Int {
        // At most 127 and 16 LSB.
        for i in 0..<count { residuals[i] &+= change(by: momenta[i], rate) }
        if decay == 0 {
            for i in 0..<count { residuals[i] = FineWeights.bounded(residuals[i]) }
        } else {
            for i in 0..<count {
                residuals[i] = FineWeights.bounded(Int64(residuals[i]), decay: decay)
            }
        }
        return FineWeights.round(residuals, to: weights, count)
    }

    /// M + E + ((8 - M) >> 4). It saturates: 16 votes of the largest populations pass Int32, and only M's sign counts.
    @inline(__always)
    static func momentum(_ old: Int32, _ vote: Int32) -> Int32 {
        // (8 - M) >> 4 is -(M >> 4), less 1 where M's lowest four bits are above 8: nothing of it passes Int32.
        let rest = old &- (old >> averageBits) &- (((old & 15) &+ 7) >> averageBits)
        let sum = rest &+ vote
        // It passed Int32 where both had the other sign.
        return (rest ^ sum) & (vote ^ sum) < 0 ? (rest >> 31) ^ Int32.max : sum
    }

    /// rate · sign(M) where |M| > 8.
    @inline(__always)
    private static func change(by momentum: Int32, _ rate: Int32) -> Int32 {
        (momentum > half ? rate : 0) &- (momentum < -half ? rate : 0)
    }

    // MARK: State

    private static let stateName = "momentum"

    /// The fine weights by the name `residual`, 16 fraction bits, and M by the name `momentum`, 4 fraction bits.
    public var state: WeightState {
        fine.state.merging([Self.stateName: momenta]) { _, momenta in momenta }
    }

    /// Restores the fine weights and momenta that ``state`` gave.
    /// - Throws: `ModelError` naming the tensor whose values are missing, too few or out of range.
    public func restore(_ state: WeightState) throws(ModelError) {
        let stored = try layout.values(Self.stateName, in: state)
        try fine.restore(state, layout)
        momenta = stored
    }
}
