import CKernels
import IntegerTensor
import RecurrentLM

/// Finds the error of the head's outputs, for the block of pairs of one thread.
protocol HeadError: AnyObject {
    /// Σ of the squares of fitness since ``reset()``, where losses were compared for it.
    var squares: Int64 { get }

    /// Begins a step.
    func reset()

    /// Leaves in `result` the error, `[pairs][V]`, of some pairs at a token of the segment. The tokens of a
    /// segment come in order, each with the same pairs.
    /// - Parameters:
    ///   - logits: `[2 · pairs][V]`.
    ///   - targets: of each member.
    func takeError(
        of logits: Int8Rows, targets: UnsafePointer<UInt8>, _ pairs: Range<Int>, time: Int,
        _ step: ActivationStep, into result: egg_out_rows)
}

/// The softmax delta rule: onehot - p, rounded up or down by a hash.
final class SoftmaxError: HeadError {
    let squares: Int64 = 0
    private let kernel: UnsafePointer<egg_kernel>
    private let vocabulary: Int
    private let dither: AlignedBuffer<UInt8>
    /// Of each pair, for the tokens until the next multiple of ``ActivationNoise/ditherTokens``.
    private let ditherWords: AlignedBuffer<SIMD4<UInt32>>
    /// Of each pair.
    private let pairTargets: AlignedBuffer<UInt8>

    init(model: PreparedModel, pairs: Int) {
        kernel = model.kernel.table
        vocabulary = model.config.vocabulary
        dither = AlignedBuffer(count: pairs)
        ditherWords = AlignedBuffer(count: pairs)
        pairTargets = AlignedBuffer(count: pairs)
    }

    func reset() {}

    func takeError(
        of logits: Int8Rows, targets: UnsafePointer<UInt8>, _ pairs: Range<Int>, time: Int,
        _ step: ActivationStep, into result: egg_out_rows
    ) {
        let (block, byte) = time.quotientAndRemainder(dividingBy: ActivationNoise.ditherTokens)
        for (index, pair) in pairs.enumerated() {
            if byte == 0 {
                ditherWords.pointer[index] = step.noise.ditherWords(block: block, pair: pair)
            }
            dither.pointer[index] = ActivationNoise.dither(
                of: ditherWords.pointer[index], byte: byte)
            pairTargets.pointer[index] = targets[2 * index]
        }
        kernel.pointee.softmax_error(
            Int32(pairs.count), Int32(vocabulary), logits.input(), pairTargets.pointer,
            dither.pointer, result)
    }
}
