import CKernels
import IntegerTensor
import RecurrentLM

/// Finds the error of the head's outputs, for the block of pairs of one thread.
protocol HeadError: AnyObject {
    /// Leaves in `result` the error, `[pairs][V]`, of some pairs at a token of the segment. The tokens of a
    /// segment come in order, each with the same pairs.
    /// - Parameters:
    ///   - logits: `[2 · pairs][V]`.
    ///   - targets: of each pair.
    /// - Returns: Σ of the squares of fitness, where losses were compared for it.
    func takeError(
        of logits: Int8Rows, targets: UnsafePointer<UInt8>, _ pairs: Range<Int>, time: Int,
        _ step: ActivationStep, into result: egg_out_rows
    ) -> Int64
}

/// The softmax delta rule: onehot - p, rounded up or down by a hash.
final class SoftmaxError: HeadError {
    private let kernel: UnsafePointer<egg_kernel>
    private let vocabulary: Int
    private let dither: AlignedBuffer<UInt8>
    /// Of each pair, for the tokens until the next multiple of ``ActivationNoise/ditherTokens``.
    private let ditherWords: AlignedBuffer<SIMD4<UInt32>>

    init(model: PreparedModel, pairs: Int) {
        kernel = model.kernel.table
        vocabulary = model.config.vocabulary
        dither = AlignedBuffer(count: pairs)
        ditherWords = AlignedBuffer(count: pairs)
    }

    func takeError(
        of logits: Int8Rows, targets: UnsafePointer<UInt8>, _ pairs: Range<Int>, time: Int,
        _ step: ActivationStep, into result: egg_out_rows
    ) -> Int64 {
        let (block, byte) = time.quotientAndRemainder(dividingBy: ActivationNoise.ditherTokens)
        for (index, pair) in pairs.enumerated() {
            if byte == 0 {
                ditherWords.pointer[index] = step.noise.ditherWords(block: block, pair: pair)
            }
            dither.pointer[index] = ActivationNoise.dither(
                of: ditherWords.pointer[index], byte: byte)
        }
        kernel.pointee.softmax_error(
            Int32(pairs.count), Int32(vocabulary), logits.input(), targets, dither.pointer, result)
        return 0
    }
}
