import FixedPoint
import IntegerTensor
import RecurrentLM

/// Moves each weight by the sign of a running mean of its votes ("signum": Bernstein et al., "signSGD:
/// Compressed Optimisation for Non-Convex Problems", 2018).
///
/// Per weight M += (16·E - M + 8) >> 4, which is E + ((8 - M) >> 4), H += rate · sign(M) where |M| > 8, then
/// decay, then w = round(H), with the residual H as in ``ResidualRule``. The size of the votes does not matter,
/// so tensors whose votes differ in scale learn at the same rate. Rounding keeps M where it is within ±8: a weight
/// that gets no more votes comes to rest.
public final class MomentumRule: UpdateRule {
    /// Its rate is how far a weight moves in a step, in LSB of the weight, its decay the share of its value
    /// that a matrix's or the embedding's weight loses in a step; both at step 0.
    public let schedule: ResidualSchedule
    private var residuals: Residuals
    /// M by tensor id: a mean of about 16 votes, 4 fraction bits.
    private var momenta: [[Int32]]
    private let layout: ParameterLayout
    private let share: WeightShare
    private let pool: WorkerPool?

    /// The logarithm of the votes that M averages. It has as many fraction bits, so that a vote is added as it is.
    private static let averageBits: Int64 = 4

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
        momenta = parameters.layout.tensors.map { [Int32](repeating: 0, count: $0.count) }
    }

    public func apply(
        _ votes: Votes, to parameters: inout Parameters, step: Int
    ) -> UpdateReport {
        // From 32 fraction bits to the residual's 16; at most 16 LSB a step.
        let pace = schedule.rate(step: step)
        let rate = (pace + 1 << 15) >> 16
        var changed = 0
        for tensor in layout.tensors {
            let decay = tensor.kind.isVector ? 0 : schedule.fallingDecay(step: step)
            changed += Self.move(
                &parameters.values[tensor.id], &residuals.values[tensor.id], &momenta[tensor.id],
                share.weights(of: tensor), by: votes.values[tensor.id].pointer, rate: rate,
                decay: decay, on: pool)
        }
        return UpdateReport(changed: changed, total: layout.parameterCount, pace: .rate(pace))
    }

    /// Moves a range of a tensor's weights; gives how many changed.
    static func move(
        _ weights: inout [Int8], _ residuals: inout [Int32], _ momenta: inout [Int32],
        _ range: Range<Int>, by votes: UnsafePointer<Int32>, rate: Int64, decay: Int64,
        on pool: WorkerPool?
    ) -> Int {
        weights.withUnsafeMutableBufferPointer { weights in
            residuals.withUnsafeMutableBufferPointer { residuals in
                momenta.withUnsafeMutableBufferPointer { momenta in
                    WeightParts.sum(range, on: pool) { part in
                        move(
                            weights, residuals, momenta, part, by: votes, rate: rate, decay: decay)
                    }
                }
            }
        }
    }

    /// Moves some weights; gives how many changed.
    private static func move(
        _ weights: UnsafeMutableBufferPointer<Int8>,
        _ residuals: UnsafeMutableBufferPointer<Int32>,
        _ momenta: UnsafeMutableBufferPointer<Int32>, _ part: Range<Int>,
        by votes: UnsafePointer<Int32>, rate: Int64, decay: Int64
    ) -> Int {
        let half: Int64 = 1 << (averageBits - 1)
        var changed = 0
        for i in part {
            let old = Int64(momenta[i])
            let change = Int64(votes[i]) &+ ((half &- old) >> averageBits)
            // Saturates: 16 votes of the largest populations pass Int32, and only M's sign counts.
            let momentum = min(Int64(Int32.max), max(Int64(Int32.min), old &+ change))
            momenta[i] = Int32(truncatingIfNeeded: momentum)
            let direction: Int64 = momentum > half ? 1 : momentum < -half ? -1 : 0
            let moved = Int64(residuals[i]) &+ rate &* direction
            residuals[i] = Residuals.bounded(moved, decay: decay)
            let weight = Residuals.weight(residuals[i])
            if weight != weights[i] { changed &+= 1 }
            weights[i] = weight
        }
        return changed
    }

    // MARK: State

    private static let prefix = "momentum."

    public var state: [(name: String, values: StateValues)] {
        residuals.state + layout.state(momenta, prefix: Self.prefix)
    }

    public func restore(_ state: [String: StateValues]) throws(ModelError) {
        try residuals.restore(state)
        momenta = try layout.values(of: state, prefix: Self.prefix, what: "momenta")
    }
}
