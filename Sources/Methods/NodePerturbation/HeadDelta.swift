import CKernels
import IntegerTensor
import RecurrentLM

/// Finds the error of the head's outputs, for the block of groups of one thread, from the first pair of each.
protocol HeadDelta: AnyObject {
    /// Leaves in `result` the error, `[groups][V]`, of some groups at a token of the segment. The tokens of a
    /// segment come in order, each with the same groups.
    /// - Parameters:
    ///   - logits: The logits of the first pairs, `[2 · groups][V]`.
    ///   - targets: The target of each group.
    ///   - groups: The groups, by their numbers in the population.
    ///   - time: The token's place in the segment.
    ///   - step: What all groups share in the step.
    ///   - result: Where the error goes.
    /// - Returns: The sum of the squares of fitness; 0 where no losses were compared.
    func writeDelta(
        of logits: Int8Rows, targets: UnsafePointer<UInt8>, _ groups: Range<Int>, time: Int,
        _ step: ActivationStep, into result: egg_out_rows
    ) -> Int64
}

/// The softmax delta rule: onehot - p, rounded up or down by a hash.
final class SoftmaxDelta: HeadDelta {
    private let kernel: UnsafePointer<egg_kernel>
    private let vocabulary: Int
    private let drawsPerGroup: Int
    private let dither: AlignedBuffer<UInt8>
    /// The dither bytes of each group, for the tokens until the next multiple of ``ActivationNoise/ditherTokens``.
    private let ditherWords: AlignedBuffer<SIMD4<UInt32>>

    init(model: PreparedModel, groups: Int, drawsPerGroup: Int) {
        self.drawsPerGroup = drawsPerGroup
        kernel = model.kernel.table
        vocabulary = model.config.vocabulary
        dither = AlignedBuffer(count: groups)
        ditherWords = AlignedBuffer(count: groups)
    }

    func writeDelta(
        of logits: Int8Rows, targets: UnsafePointer<UInt8>, _ groups: Range<Int>, time: Int,
        _ step: ActivationStep, into result: egg_out_rows
    ) -> Int64 {
        let (block, byte) = time.quotientAndRemainder(dividingBy: ActivationNoise.ditherTokens)
        for (index, group) in groups.enumerated() {
            if byte == 0 {
                ditherWords.pointer[index] = step.noise.ditherWords(
                    block: block, pair: group * drawsPerGroup)
            }
            dither.pointer[index] = ActivationNoise.dither(
                of: ditherWords.pointer[index], byte: byte)
        }
        kernel.pointee.softmax_error(
            Int32(groups.count), Int32(vocabulary), logits.input(), targets, dither.pointer, result)
        return 0
    }
}
