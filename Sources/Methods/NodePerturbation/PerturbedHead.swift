import CKernels
import IntegerTensor
import RecurrentLM

/// Finds the head's error from losses alone.
///
/// The loss of other logits costs no matrix product. So each token tries several draws of noise on the mean
/// of its pair's logits, after the forward pass and apart from the noise of the hidden sites: neither is
/// noise in the other's difference of losses.
final class PerturbedHead: HeadDelta {
    private let model: PreparedModel
    private let kernel: UnsafePointer<egg_kernel>
    private let drawsPerGroup: Int
    private let headDraws: Int
    /// The mean of the first pair's logits, and the error as far as it is known. [groups][V]
    private let mean, error: Int8Rows
    /// The noise of each group: the same V normals twice, so that each draw can begin at another of them. [groups][2 ·
    /// V]
    private let noise: Int8Rows
    /// The logits of the two members of a draw. [2 · groups][V]
    private let perturbed: Int8Rows
    private let memberTargets: AlignedBuffer<UInt8>
    private let scores: AlignedBuffer<Int32>
    private let fitness: AlignedBuffer<Int8>
    /// The fitness times the noise of a draw. [groups][V]
    private let correlation: Int16Rows

    /// Makes the arrays for a block of groups whose tokens each try `headDraws` draws of noise on the logits.
    /// - Precondition: The vocabulary fills whole rows (V = 256 does): a draw reads its noise from any place of
    ///   `noise`.
    init(model: PreparedModel, groups: Int, drawsPerGroup: Int, headDraws: Int) {
        precondition(paddedWidth(model.config.vocabulary) == model.config.vocabulary)
        self.model = model
        self.drawsPerGroup = drawsPerGroup
        self.headDraws = headDraws
        kernel = model.kernel.table
        func logits(_ rows: Int) -> Int8Rows {
            Int8Rows(rows: rows, width: model.config.vocabulary)
        }
        mean = logits(groups)
        noise = Int8Rows(rows: groups, width: 2 * model.config.vocabulary)
        error = logits(groups)
        perturbed = logits(2 * groups)
        memberTargets = AlignedBuffer(count: 2 * groups)
        scores = AlignedBuffer(count: 2 * groups)
        fitness = AlignedBuffer(count: groups)
        correlation = Int16Rows(rows: groups, width: model.config.vocabulary)
    }

    /// Computes e ← clip(e + ((F·ξ·c + 2^11) >> 12)) over the draws, from 0.
    func writeDelta(
        of logits: Int8Rows, targets: UnsafePointer<UInt8>, _ groups: Range<Int>, time: Int,
        _ step: ActivationStep, into result: egg_out_rows
    ) -> Int64 {
        let (count, width) = (Int32(groups.count), Int32(model.config.vocabulary))
        kernel.pointee.average(count, width, logits.input(), mean.output())
        fillNoise(of: groups, time: time, step.noise)
        for member in 0..<2 * groups.count {
            memberTargets.pointer[member] = targets[member / 2]
        }
        var squares: Int64 = 0
        for draw in 0..<headDraws {
            kernel.pointee.spread(count, width, mean.input(), perturbed.output())
            let change = egg_const_rows(
                data: noise.row(0)
                    + ActivationNoise.rotation(draw: draw, vocabulary: model.config.vocabulary),
                stride: noise.stride)
            kernel.pointee.perturb(count, width, change, perturbed.output())
            squares += takeFitness(groups.count, step.scales)
            // The two arrays take turns, so that the last error is in `result`.
            let own = error.output()
            let (before, after) =
                (headDraws - draw).isMultiple(of: 2) ? (result, own) : (own, result)
            let known = egg_const_rows(data: before.data, stride: before.stride)
            kernel.pointee.correlate(
                count, width, 1, fitness.pointer, change, count, CreditScales.headScale,
                correlation.output())
            kernel.pointee.credit(
                count, width, correlation.input(),
                CreditScales.headMultiplier(headDraws: headDraws),
                draw == 0 ? egg_const_rows() : known, CreditScales.one, after)
        }
        return squares
    }

    private func fillNoise(of groups: Range<Int>, time: Int, _ noise: ActivationNoise) {
        let count = model.config.vocabulary
        for (index, group) in groups.enumerated() {
            let row = self.noise.row(index)
            let key = noise.key(.logits, time: time, pair: group * drawsPerGroup)
            model.kernel.fillNoise(key, first: 0, count: count, into: row)
            (row + count).update(from: row, count: count)
        }
    }

    /// Computes the fitness of a draw.
    /// - Returns: The sum of its squares.
    private func takeFitness(_ groups: Int, _ scales: CreditScales) -> Int64 {
        scores.zero()
        model.addLogLikelihood(
            rows: 2 * groups, perturbed.input(), memberTargets.pointer, stride: 1,
            to: scores.pointer)
        var squares: Int64 = 0
        for group in 0..<groups {
            let value = scales.headFitness(
                scores.pointer[2 * group] - scores.pointer[2 * group + 1])
            fitness.pointer[group] = value
            squares += Int64(value) * Int64(value)
        }
        return squares
    }
}
