import CKernels
import IntegerTensor

/// Adds products of credits and inputs to the votes of a matrix. It belongs to one thread.
struct CreditProducts {
    private let kernel: UnsafePointer<egg_kernel>
    /// A fitness of 1 for each row of a call.
    private let ones: AlignedBuffer<Int8>
    private let scratch: AlignedBuffer<UInt8>

    private static let chunkPairs = Int(EGG_VOTE_PAIRS)
    private static let chunkRows = Int(EGG_VOTE_ROWS)

    /// Prepares for matrices of at most `widest` columns.
    init(kernel: Kernel, widest: Int) {
        self.kernel = kernel.table
        ones = AlignedBuffer([Int8](repeating: 1, count: Self.chunkPairs))
        scratch = AlignedBuffer(count: kernel.table.pointee.vote_scratch(Int32(widest)))
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
}
