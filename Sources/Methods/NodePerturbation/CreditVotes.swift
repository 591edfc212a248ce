import CKernels
import IntegerTensor
import RecurrentLM

/// The votes of one thread in a step of node perturbation: Σ over groups and tokens of the credit of
/// an output times what it read.
///
/// Int32; |E| <= groups·T·127², checked when a config loads.
final class CreditVotes {
    private let layout: ParameterLayout
    private let kernel: UnsafePointer<egg_kernel>
    /// The votes by tensor id, row-major without padding.
    let values: [AlignedBuffer<Int32>]
    private let products: CreditProducts
    /// The row of each credit in the votes of a bias, which have one row only: 0 for each row of a call.
    private let firstRow = AlignedBuffer<UInt8>(count: chunkPairs)

    private static let chunkPairs = Int(EGG_VOTE_PAIRS)

    /// Makes votes of 0; `widest` is the widest row of other votes that are added, 0 for none.
    init(_ layout: ParameterLayout, kernel: Kernel, widest: Int = 0) {
        self.layout = layout
        self.kernel = kernel.table
        values = layout.tensors.map { AlignedBuffer(count: $0.count) }
        let widest = max(widest, layout.tensors.map(\.columns).max() ?? 0)
        products = CreditProducts(kernel: kernel, widest: widest)
    }

    func reset() {
        for tensor in values { tensor.zero() }
    }

    /// Adds Σ credit ⊗ input of the first `count` rows to the votes of a matrix.
    func add(_ id: Int, _ count: Int, _ credit: Int8Rows, _ input: Int8Rows?) {
        guard let input else { return }
        let tensor = layout.tensors[id]
        add(
            to: values[id], rows: tensor.rows, columns: tensor.columns, 0..<count, credit, input)
    }

    /// Adds Σ credit ⊗ input of some rows to the votes of any matrix, [rows][columns].
    func add(
        to votes: AlignedBuffer<Int32>, rows: Int, columns: Int, _ range: Range<Int>,
        _ credit: Int8Rows, _ input: Int8Rows
    ) {
        products.add(to: votes, rows: rows, columns: columns, range, credit, input)
    }

    /// Adds Σ credit to the votes of a bias.
    func add(bias id: Int, _ count: Int, _ credit: Int8Rows) {
        for first in stride(from: 0, to: count, by: Self.chunkPairs) {
            kernel.pointee.add_rows(
                Int32(min(Self.chunkPairs, count - first)), Int32(layout.tensors[id].rows),
                credit.input(from: first), firstRow.pointer, values[id].pointer)
        }
    }

    /// Adds each credit to the votes of its token's row.
    func add(
        embedding id: Int, _ count: Int, _ credit: Int8Rows, tokens: UnsafePointer<UInt8>
    ) {
        kernel.pointee.add_rows(
            Int32(count), Int32(layout.tensors[id].columns), credit.input(), tokens,
            values[id].pointer)
    }
}
