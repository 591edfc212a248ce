import CKernels
import IntegerTensor
import RecurrentLM

/// The head's error from losses alone.
///
/// The loss of other logits costs no matrix product. So each token tries several draws of noise on the mean
/// of its members' logits, after the forward pass and apart from the noise of the hidden sites: neither is
/// noise in the other's difference of losses.
final class HeadPerturbation: HeadError {
    private let model: PreparedModel
    private let kernel: UnsafePointer<egg_kernel>
    private let draws: Int
    /// [pairs][V]: the mean of the members' logits, and the error as far as it is known.
    private let mean, error: Int8Rows
    /// [pairs][2 · V]: the same V normals twice, so that each draw can begin at another of them.
    private let noise: Int8Rows
    /// [2 · pairs][V]
    private let perturbed: Int8Rows
    private let memberTargets: AlignedBuffer<UInt8>
    private let scores: AlignedBuffer<Int32>
    private let fitness: AlignedBuffer<Int8>

    init(model: PreparedModel, pairs: Int, draws: Int) {
        self.model = model
        self.draws = draws
        kernel = model.kernel.table
        func logits(_ rows: Int) -> Int8Rows {
            Int8Rows(rows: rows, width: model.config.vocabulary)
        }
        mean = logits(pairs)
        noise = Int8Rows(rows: pairs, width: 2 * model.config.vocabulary)
        error = logits(pairs)
        perturbed = logits(2 * pairs)
        memberTargets = AlignedBuffer(count: 2 * pairs)
        scores = AlignedBuffer(count: 2 * pairs)
        fitness = AlignedBuffer(count: pairs)
    }

    /// e ← clip(e + ((F·ξ·c + 2^11) >> 12)) over the draws, from 0.
    func takeError(
        of logits: Int8Rows, targets: UnsafePointer<UInt8>, _ pairs: Range<Int>, time: Int,
        _ step: ActivationStep, into result: egg_out_rows
    ) -> Int64 {
        let (count, width) = (Int32(pairs.count), Int32(model.config.vocabulary))
        kernel.pointee.average(count, width, logits.input(), mean.output())
        fillNoise(pairs, time: time, step.noise)
        for member in 0..<2 * pairs.count {
            memberTargets.pointer[member] = targets[member / 2]
        }
        var squares: Int64 = 0
        for draw in 0..<draws {
            kernel.pointee.spread(count, width, mean.input(), perturbed.output())
            let change = egg_const_rows(
                data: noise.row(0)
                    + ActivationNoise.rotation(draw: draw, vocabulary: model.config.vocabulary),
                stride: noise.stride)
            kernel.pointee.perturb(count, width, change, perturbed.output())
            squares += takeFitness(pairs.count, step.scales)
            // By turns, so that the last is in `result`.
            let own = error.output()
            let (before, after) = (draws - draw).isMultiple(of: 2) ? (result, own) : (own, result)
            let known = egg_const_rows(data: before.data, stride: before.stride)
            kernel.pointee.credit(
                count, width, fitness.pointer, change,
                CreditScales.headMultiplier(draws: draws),
                draw == 0 ? egg_const_rows() : known, 1 << CreditScales.multiplierBits, after)
        }
        return squares
    }

    private func fillNoise(_ pairs: Range<Int>, time: Int, _ noise: ActivationNoise) {
        let count = model.config.vocabulary
        for (index, pair) in pairs.enumerated() {
            let row = self.noise.row(index)
            model.kernel.fillNoise(
                noise.key(.logits, time: time, pair: pair), first: 0, count: count, into: row)
            (row + count).update(from: row, count: count)
        }
    }

    /// The fitness of a draw.
    /// - Returns: Σ of its squares.
    private func takeFitness(_ pairs: Int, _ scales: CreditScales) -> Int64 {
        scores.zero()
        model.addLogLikelihood(
            rows: 2 * pairs, perturbed.input(), memberTargets.pointer, stride: 1,
            to: scores.pointer)
        var squares: Int64 = 0
        for pair in 0..<pairs {
            let value = scales.headFitness(
                scores.pointer[2 * pair] - scores.pointer[2 * pair + 1])
            fitness.pointer[pair] = value
            squares += Int64(value) * Int64(value)
        }
        return squares
    }
}
