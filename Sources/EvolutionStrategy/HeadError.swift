import CKernels
import IntegerTensor
import RecurrentLM

/// Finds the error of the head's outputs, for the block of pairs of one thread.
protocol HeadError: AnyObject {
    /// Σ of the squares of fitness since ``reset()``, where losses were compared for it.
    var squares: Int64 { get }

    /// Begins a step.
    func reset()

    /// Leaves in `result` the error, `[pairs][V]`, of some pairs at a token of the segment.
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
    /// Of each pair.
    private let pairTargets: AlignedBuffer<UInt8>

    init(model: PreparedModel, pairs: Int) {
        kernel = model.kernel.table
        vocabulary = model.config.vocabulary
        dither = AlignedBuffer(count: pairs)
        pairTargets = AlignedBuffer(count: pairs)
    }

    func reset() {}

    func takeError(
        of logits: Int8Rows, targets: UnsafePointer<UInt8>, _ pairs: Range<Int>, time: Int,
        _ step: ActivationStep, into result: egg_out_rows
    ) {
        for (index, pair) in pairs.enumerated() {
            dither.pointer[index] = step.noise.dither(time: time, pair: pair)
            pairTargets.pointer[index] = targets[2 * index]
        }
        kernel.pointee.softmax_error(
            Int32(pairs.count), Int32(vocabulary), logits.input(), pairTargets.pointer,
            dither.pointer, result)
    }
}
