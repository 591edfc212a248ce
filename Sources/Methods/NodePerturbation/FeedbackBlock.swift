import CKernels
import IntegerTensor
import RecurrentLM

/// Applies learned feedback to the block of groups of one thread.
final class FeedbackBlock {
    let feedback: LearnedFeedback
    /// What this block's tokens teach, over all its calls of a step: votes by site, [width][V].
    let votes: [AlignedBuffer<Int32>]
    private let config: ModelConfig
    private let kernel: UnsafePointer<egg_kernel>
    /// K, the draws of noise at each token.
    private let draws: Int
    /// g by site; its rows are those of ``ActivationTrace``.
    private let predictions: [Int8Rows]
    /// Σ ξ·g of each row, for one draw at a time.
    private let sums: AlignedBuffer<Int64>
    private let scratch: AlignedBuffer<UInt8>

    /// Makes the arrays for `rows` tokens: those of all groups of the block.
    init(
        _ feedback: LearnedFeedback, config: ModelConfig, kernel: Kernel, rows: Int, draws: Int
    ) {
        self.feedback = feedback
        self.config = config
        self.kernel = kernel.table
        votes = feedback.votes.map { AlignedBuffer(count: $0.count) }
        predictions = feedback.sites.map { Int8Rows(rows: rows, width: $0.width(config)) }
        self.draws = draws
        sums = AlignedBuffer(count: rows)
        scratch = AlignedBuffer(count: feedback.scratchBytes(rows: rows))
    }

    func reset() {
        for site in votes { site.zero() }
    }

    /// Predicts the fitness of the first `rows` tokens of the trace and leaves there what was not predicted.
    func takePredictions(from trace: ActivationTrace, rows: Int) {
        for (index, site) in feedback.sites.enumerated() {
            feedback.predict(
                index, trace.headCredit, rows: rows, into: predictions[index], scratch: scratch)
            // A unit that is off has no part in the loss.
            if case .inner(let layer) = site, config.mlp == .relu,
                let inner = trace.input(.inner(layer))
            {
                kernel.pointee.mask_rows(
                    Int32(rows), Int32(site.width(config)), inner.input(),
                    predictions[index].output())
            }
        }
        for draw in 0..<draws {
            takePrediction(of: draw * trace.rows, from: trace, rows: rows)
        }
    }

    /// Subtracts the predictions from the fitness of one draw, whose rows begin at `first`.
    private func takePrediction(of first: Int, from trace: ActivationTrace, rows: Int) {
        sums.zero()
        for (index, site) in feedback.sites.enumerated() {
            guard let noise = trace.noise(of: site) else { continue }
            kernel.pointee.add_dots(
                Int32(rows), Int32(site.width(config)), noise.input(from: first),
                predictions[index].input(), sums.pointer)
        }
        let fitness = trace.fitness.pointer + first
        for row in 0..<rows {
            fitness[row] = feedback.scale.residual(fitness[row], predicted: sums.pointer[row])
        }
    }

    /// Counts the votes of the tokens that teach.
    func teach(
        _ trace: ActivationTrace, groups: Int, tokens: Int, step: Int, by counter: CreditVotes
    ) {
        for (index, site) in feedback.sites.enumerated() {
            guard let correlation = trace.correlation(of: site) else { continue }
            let width = site.width(config)
            for time in 0..<tokens where LearnedFeedback.teaches(time: time, step: step) {
                let first = time * groups
                kernel.pointee.credit(
                    Int32(groups), Int32(width), correlation.input(from: first),
                    feedback.scale.site, egg_const_rows(), 0, trace.credit.output(from: first))
                counter.add(
                    to: votes[index], rows: width, columns: config.vocabulary,
                    first..<first + groups, trace.credit, trace.headCredit)
            }
        }
    }

    /// Adds the predictions for a layer's state to δ, for the rows from `first` on.
    func add(layer: Int, from first: Int, rows: Int, to delta: AlignedBuffer<Int16>, stride: Int) {
        guard let predictions = predictions(of: .state(layer: layer)) else { return }
        kernel.pointee.add_scaled(
            Int32(rows), Int32(config.hidden), predictions.input(from: first), feedback.scale.state,
            delta.pointer, stride)
    }

    /// The predictions g of a site, where it has any.
    func predictions(of site: ActivationSite) -> Int8Rows? {
        feedback.sites.firstIndex(of: site).map { predictions[$0] }
    }
}
