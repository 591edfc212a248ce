import CKernels
import FixedPoint
import IntegerTensor
import RecurrentLM

/// How predictions enter fitness and credits, as fixed-point multipliers.
///
/// Predictions g are Int8, and some tokens have far larger ones than most: where they explain all of the fitness,
/// whose RMS is 32, and there is noise of deviation σ on n units, their RMS is 14 if
/// fitness = Σ ξ·g · 32 / (14·σ·√n).
package struct FeedbackScale: Equatable {
    /// The multiplier of Σ ξ·g in a fitness, 16 fraction bits.
    package let prediction: Int64
    /// The multiplier of a correlation of residual fitness and noise in a site's credit, 14 fraction bits. It is twice
    /// the multiplier without feedback, as what is left of the fitness is about half.
    package let site: Int32
    /// The multiplier of a prediction in units of a correlation, 12 fraction bits: K·σ² times ``prediction``, scaled as
    /// a correlation is.
    package let state: Int32
    /// The multiplier of a prediction in a site's credit, 14 fraction bits.
    package let credit: Int32
    /// The multipliers of a correlation and a prediction in the credit of a context's row, 14 fraction bits. Most rows are
    /// read too seldom for noise to average out, so there predictions count for more.
    package let contextSite, contextCredit: Int32

    private static let predictionRMS = 14
    /// How much less a correlation and how much more a prediction count in the credit of a context's row.
    private static let contextWeight: Int32 = 4
    /// The bound of a prediction's multiplier, which keeps the kernels' sums within 32 bits.
    private static let mostCredit: Int32 = 1 << 23 - 1

    /// Computes the multipliers.
    /// - Parameters:
    ///   - noise: σ, in 1...30; 16 = 1.0.
    ///   - units: n, the units of all sites.
    ///   - draws: K, the draws of noise at each token.
    package init(noise: Int, units: Int, draws: Int) {
        let root = Int(integerSquareRoot(UInt64(max(1, units))))
        let fitness = Int(CreditScales.fitnessRMS)
        let prediction = max(1, (fitness << 16) / (Self.predictionRMS * noise * root))
        self.prediction = Int64(prediction)
        site = 2 * CreditScales.siteMultiplier(noise: noise)
        // √K times as much as with one draw: at most 8 · 30 · 4 · 32/14 · 2^12, below 2^24, and 2^19.
        let scale = Int(CreditScales.correlationScale(draws: draws))
        state = Int32((noise * noise * prediction * draws * scale) >> 12)
        credit = Int32((Int(site) * Int(state)) >> 14) << 2
        contextSite = site / Self.contextWeight
        contextCredit = min(credit * Self.contextWeight, Self.mostCredit)
    }

    /// What a prediction leaves of a fitness: clip(fitness - ((Σ ξ·g · prediction + 2^15) >> 16)).
    package func residual(_ fitness: Int8, predicted sum: Int64) -> Int8 {
        let predicted = floorShift(sum * prediction + 1 << 15, by: 16)
        return Int8(min(127, max(-127, Int64(fitness) - predicted)))
    }
}

/// Predicts what noise at each site does to the loss of a token, from the head's error of that token (a
/// control variate; Greensmith, Bartlett and Baxter, "Variance Reduction Techniques for Gradient Estimates
/// in Reinforcement Learning", 2004). Noise then has to tell only what the prediction misses.
///
/// Each site has a matrix B of its width times V, learned from the same noise and losses: its votes are
/// (residual fitness · ξ) ⊗ e, and its rule is ``MomentumRule`` with a constant rate. Nothing is ever sent
/// backwards through a matrix of the model.
package final class LearnedFeedback {
    package let sites: [ActivationSite]
    package let scale: FeedbackScale
    /// The votes of all blocks and processes together, which ``learn()`` applies: by site, [width][V].
    package let votes: [AlignedBuffer<Int32>]
    private let widths: [Int]
    private let vocabulary: Int
    private let kernel: UnsafePointer<egg_kernel>
    private let pool: WorkerPool?
    private var weights: [[Int8]]
    private var residuals: [[Int32]]
    private var momenta: [[Int32]]
    /// The packed form of B with one more column, for rounding.
    private let packed: [PackedMatrix]

    /// The rate: a quarter of an LSB a step, 16 fraction bits.
    private static let rate: Int64 = 1 << 14
    /// One in so many tokens of a segment teaches: the predictor has votes in plenty.
    private static let teachingInterval = 4

    init(
        _ config: ModelConfig, _ settings: NodePerturbationSettings, draws: Int, kernel: Kernel,
        pool: WorkerPool?
    ) {
        sites = settings.sites(config)
        widths = sites.map { $0.width(config) }
        vocabulary = config.vocabulary
        scale = FeedbackScale(
            noise: settings.noise, units: widths.reduce(0, +), draws: draws)
        self.kernel = kernel.table
        self.pool = pool
        let counts = widths.map { $0 * config.vocabulary }
        weights = counts.map { [Int8](repeating: 0, count: $0) }
        residuals = counts.map { [Int32](repeating: 0, count: $0) }
        momenta = residuals
        votes = counts.map { AlignedBuffer(count: $0) }
        let columns = Self.errorWidth(config)
        packed = widths.map { PackedMatrix(outputs: $0, inputs: columns, kernel: kernel) }
        for index in sites.indices { pack(index) }
    }

    /// The multiply-accumulates for a token of a group: a prediction, and every so many tokens its votes.
    static func multiplyAccumulates(_ config: ModelConfig, _ settings: NodePerturbationSettings)
        -> Int
    {
        let units = settings.sites(config).reduce(0) { $0 + $1.width(config) }
        return units * config.vocabulary * (teachingInterval + 1) / teachingInterval
    }

    /// Whether the token at `time` of a segment teaches in a step.
    package static func teaches(time: Int, step: Int) -> Bool {
        (time + step).isMultiple(of: teachingInterval)
    }

    // MARK: Predictions

    /// The width of the errors that ``predict(_:_:rows:into:scratch:)`` reads; the last error is always 1.
    static func errorWidth(_ config: ModelConfig) -> Int { config.vocabulary + 1 }

    func scratchBytes(rows: Int) -> Int {
        kernel.pointee.product_scratch(Int32(rows), Int32(vocabulary + 1))
    }

    /// Computes g = clip(⌊(B·e + 8·r - 1) / (16·r)⌋), r = ⌊√(V + 1)⌋: the model's own product, rounded to nearest.
    func predict(
        _ index: Int, _ errors: Int8Rows, rows: Int, into predictions: Int8Rows,
        scratch: AlignedBuffer<UInt8>
    ) {
        var product = egg_product(
            inputs: Int32(vocabulary + 1), outputs: Int32(widths[index]), root: Int32(root),
            weights: packed[index].pointer, x: errors.row(0), x_stride: errors.stride,
            out: predictions.row(0), out_stride: predictions.stride, noise: egg_perturbation())
        kernel.pointee.product(
            &product, egg_rows(count: Int32(rows), pair: nil, sign: nil), scratch.pointer)
    }

    private var root: Int { Int(integerSquareRoot(UInt32(vocabulary + 1))) }

    private func pack(_ index: Int) {
        let half = Int8(8 * root - 1)
        var rows: [Int8] = []
        rows.reserveCapacity(widths[index] * (vocabulary + 1))
        for row in 0..<widths[index] {
            rows += weights[index][row * vocabulary..<(row + 1) * vocabulary]
            rows.append(half)
        }
        packed[index].pack(rows)
    }

    // MARK: Learning

    /// Applies ``votes``.
    func learn() {
        for index in sites.indices {
            _ = MomentumRule.move(
                &weights[index], &residuals[index], &momenta[index], 0..<weights[index].count,
                by: votes[index].pointer, rate: Self.rate, decay: 0, on: pool)
            pack(index)
        }
    }

    // MARK: State

    package static let residualPrefix = "feedback.residual."
    private static let momentumPrefix = "feedback.momentum."

    var state: EstimatorState {
        var state: EstimatorState = [:]
        for (index, site) in sites.enumerated() {
            state[Self.residualPrefix + site.name] = .int32(residuals[index])
            state[Self.momentumPrefix + site.name] = .int32(momenta[index])
        }
        return state
    }

    func restore(_ state: EstimatorState) throws(ModelError) {
        for (index, site) in sites.enumerated() {
            guard case .int32(let residuals) = state[Self.residualPrefix + site.name],
                case .int32(let momenta) = state[Self.momentumPrefix + site.name],
                residuals.count == weights[index].count, momenta.count == residuals.count,
                residuals.allSatisfy({ FineWeights.range.contains($0) })
            else {
                throw ModelError(
                    site.name, "the learned feedback does not fit the model",
                    remedy: "resume with the config that the checkpoint was made with")
            }
            self.residuals[index] = residuals
            self.momenta[index] = momenta
            weights[index] = residuals.map(FineWeights.weight)
            pack(index)
        }
    }
}
