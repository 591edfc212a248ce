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
    /// A fitness of 1 for each row of a call.
    private let ones: AlignedBuffer<Int8>
    /// The row of each credit in the votes of a bias, which have one row only: 0 for each row of a call.
    private let firstRow = AlignedBuffer<UInt8>(count: chunkPairs)
    private let scratch: AlignedBuffer<UInt8>

    private static let chunkPairs = Int(EGG_VOTE_PAIRS)
    private static let chunkRows = Int(EGG_VOTE_ROWS)

    /// Makes votes of 0; `widest` is the widest row of other votes that are added, 0 for none.
    init(_ layout: ParameterLayout, kernel: Kernel, widest: Int = 0) {
        self.layout = layout
        self.kernel = kernel.table
        values = layout.tensors.map { AlignedBuffer(count: $0.count) }
        let widest = max(widest, layout.tensors.map(\.columns).max() ?? 0)
        ones = AlignedBuffer([Int8](repeating: 1, count: Self.chunkPairs))
        scratch = AlignedBuffer(count: kernel.table.pointee.vote_scratch(Int32(widest)))
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
        for first in stride(from: range.lowerBound, to: range.upperBound, by: Self.chunkPairs) {
            let pairs = min(Self.chunkPairs, range.upperBound - first)
            for row in stride(from: 0, to: rows, by: Self.chunkRows) {
                let left = egg_const_rows(data: credit.row(first) + row, stride: credit.stride)
                kernel.pointee.votes(
                    Int32(pairs), Int32(min(Self.chunkRows, rows - row)), Int32(columns), left,
                    input.input(from: first), ones.pointer, 0, votes.pointer + row * columns,
                    columns, scratch.pointer)
            }
        }
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
