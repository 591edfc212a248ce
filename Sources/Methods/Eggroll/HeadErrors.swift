import IntegerTensor
import RecurrentLM

/// The errors of the unperturbed model's logits in the blocks of one thread, and the votes of the head that follow
/// from them.
final class HeadErrors {
    /// onehot - p of the rows of a block at a token, 126 = 1. [rows][V]
    let errors: Int8Rows
    /// Σ over rows and tokens of the error of an output times what the head read, over all blocks of a step; nil for a
    /// head that learns from noise. Int32; |E| <= streams·T·127², checked when a config loads. [V][D]
    let votes: AlignedBuffer<Int32>?
    private let products: CreditProducts
    private let dither: AlignedBuffer<UInt8>

    /// Makes votes of 0 and room for the errors of `capacity` rows.
    init(model: PreparedModel, capacity: Int, head: HeadRule) {
        let config = model.config
        errors = Int8Rows(rows: capacity, width: config.vocabulary)
        votes = head == .delta ? AlignedBuffer(count: config.vocabulary * config.hidden) : nil
        products = CreditProducts(kernel: model.kernel, widest: config.hidden)
        dither = AlignedBuffer(count: capacity)
    }

    /// Begins a step.
    func reset() { votes?.zero() }

    /// Finds the errors after a token of a block, and adds their votes.
    /// - Parameters:
    ///   - block: The unperturbed model, which has read the token.
    ///   - rows: The rows of the block.
    ///   - voting: Those of them that vote: a stream that two processes evaluate votes in one.
    ///   - targets: The target of each row.
    ///   - place: The token's place in the text, from which the rounding follows.
    ///   - firstSlot: The slot of the first row among those of the step.
    func take(
        _ block: BlockForward, rows: Int, voting: Range<Int>, targets: UnsafePointer<UInt8>,
        place: Int, firstSlot: Int
    ) {
        for row in 0..<rows {
            let dither = RowRule.dither(step: place, slot: firstSlot + row, place: 0)
            self.dither.pointer[row] = UInt8(dither >> 8)
        }
        block.writeErrors(targets: targets, dither: dither.pointer, into: errors)
        guard let votes else { return }
        let input = block.headInput
        products.add(
            to: votes, rows: errors.width, columns: input.width, voting, errors, input)
    }
}
