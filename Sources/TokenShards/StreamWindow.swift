#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// The same stretch of every stream, held in memory so that segments are cut from it.
///
/// A refill goes through the streams in order, which is the order of the corpus: a frame that holds
/// tokens of several streams is decoded once for all of them.
final class StreamWindow {
    private let plan: StreamPlan
    private let cursor: TokenCursor
    /// Most tokens held of each stream.
    private let capacity: Int
    /// [streams][capacity], row-major.
    private var tokens: [UInt8]
    /// The positions within each stream that are held.
    private var held = 0..<0

    /// - Parameter memoryBudget: Bytes to use; more only where two rows of each stream need more.
    init(_ plan: StreamPlan, of sequence: ShardSequence, memoryBudget: Int) throws {
        self.plan = plan
        cursor = try TokenCursor(sequence)
        let least = 2 * min(plan.rowTokens, plan.streamLength)  // no overflow: a count of tokens
        capacity = min(max(least, memoryBudget / plan.streams), plan.streamLength)
        tokens = [UInt8](repeating: 0, count: plan.streams * capacity)
    }

    /// The segment at `position`, which must lie within the streams as a whole.
    func segment(at position: Int) throws -> Segment {
        let rowTokens = plan.rowTokens
        if position < held.lowerBound || position + rowTokens > held.upperBound {
            try refill(from: position)
        }
        let skipped = position - held.lowerBound
        let count = plan.streams * rowTokens
        let rows = [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
            tokens.withUnsafeBytes { source in
                guard let from = source.baseAddress, let to = output.baseAddress else { return }
                for stream in 0..<plan.streams {
                    memcpy(to + stream * rowTokens, from + stream * capacity + skipped, rowTokens)
                }
            }
            initialized = count
        }
        return Segment(
            tokens: rows, streams: plan.streams, length: plan.segmentTokens, position: position)
    }

    private func refill(from position: Int) throws {
        let count = min(capacity, plan.streamLength - position)
        held = 0..<0
        try tokens.withUnsafeMutableBytes { buffer in
            for stream in 0..<plan.streams {
                let start = stream * capacity
                let row = UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + count])
                try cursor.copy(from: stream * plan.streamLength + position, into: row)
            }
        }
        held = position..<position + count
    }
}
