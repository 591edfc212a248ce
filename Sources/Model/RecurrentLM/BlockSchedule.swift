/// Cuts the rows of a forward pass into blocks: full ones first, then halves, then quarters.
///
/// Threads take blocks one by one, so at the end a thread waits for the others at most as
/// long as the last block takes. Small blocks are slower, as fewer rows share each load of the weights:
/// only the end is cut finely (guided self-scheduling, Polychronopoulos and Kuck
/// 1987). Rows do not depend on each other, so the cut changes no result.
public struct BlockSchedule: Sendable {
    /// The rows of each block, in order.
    public let blocks: [Range<Int>]
    /// The rows of the largest block.
    public let capacity: Int

    /// A thread takes full blocks while this many blocks' worth of rows are left for it.
    private static let blocksAhead = 2

    /// Cuts rows so that every thread has a block.
    /// - Parameters:
    ///   - rows: Rows of the forward pass.
    ///   - blockRows: Rows of a full block, as the kernel prefers them.
    ///   - threads: Threads that take blocks, at least 1.
    public init(rows: Int, blockRows: Int, threads: Int) {
        // Small populations are cut so that every thread has a block.
        let slice = max(1, (rows + threads - 1) / threads)
        let full = min(max(1, blockRows), slice)
        let sizes = threads == 1 ? [full] : [full, max(1, full / 2), max(1, full / 4)]
        var blocks: [Range<Int>] = []
        var first = 0
        while first < rows {
            let left = (rows - first) / (Self.blocksAhead * threads)
            let size = sizes.first { $0 <= left } ?? sizes[sizes.count - 1]
            blocks.append(first..<min(first + size, rows))
            first += size
        }
        self.blocks = blocks
        capacity = full
    }
}
