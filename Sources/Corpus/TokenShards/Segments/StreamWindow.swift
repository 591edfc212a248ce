import CLibrary

/// A stretch of every stream, held in memory so that segments are cut from it.
///
/// A stream whose stretch is used up is refilled, and the stretches are of different length at first,
/// so that each segment refills a few streams instead of one in many segments refilling all. Streams
/// are refilled in the order of the corpus: a frame that holds tokens of several is decoded once.
final class StreamWindow {
    private let plan: StreamPlan
    private let cursor: TokenCursor
    /// The most tokens held of each stream; at least two rows, unless the stream is shorter.
    private let capacity: Int
    /// The tokens held, [streams][capacity], row-major.
    private var tokens: [UInt8]
    /// The positions of each stream that are held: [streams].
    private var held: [Range<Int>]

    /// The most frames in a stretch: a refill decodes one more than it holds, so longer stretches would
    /// save less than an eighth of the decoding.
    private static let longestStretch = 8

    /// Makes a window that uses at most `memoryBudget` bytes, or more only where two rows of each stream need more.
    init(_ plan: StreamPlan, of sequence: ShardSequence, memoryBudget: Int) throws {
        self.plan = plan
        cursor = try TokenCursor(sequence)
        let twoRows = 2 * plan.rowTokens  // no overflow: a row is no longer than the corpus
        // A frame has at most 2^24 tokens.
        let frameTokens = sequence.shards.map(\.frameTokens).max() ?? 0
        let wanted = min(memoryBudget / plan.streams, Self.longestStretch * frameTokens)
        capacity = min(max(twoRows, wanted), plan.streamLength)
        tokens = [UInt8](repeating: 0, count: plan.streams * capacity)
        held = [Range<Int>](repeating: 0..<0, count: plan.streams)
    }

    /// The segment at `position`, which must lie within the streams as a whole.
    func segment(at position: Int) throws -> Segment {
        try refill(for: position)
        let rowTokens = plan.rowTokens
        let count = plan.streams * rowTokens
        let rows = [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
            tokens.withUnsafeBytes { source in
                guard let from = source.baseAddress, let to = output.baseAddress else { return }
                for stream in 0..<plan.streams {
                    let place = stream * capacity + position - held[stream].lowerBound
                    memcpy(to + stream * rowTokens, from + place, rowTokens)
                }
            }
            initialized = count
        }
        return Segment(
            tokens: rows, streams: plan.streams, length: plan.segmentTokens, position: position)
    }

    /// Refills the streams that do not hold the row at `position`.
    private func refill(for position: Int) throws {
        let end = position + plan.rowTokens
        try tokens.withUnsafeMutableBytes { buffer in
            for stream in 0..<plan.streams
            where position < held[stream].lowerBound || end > held[stream].upperBound {
                let range = stretch(of: stream, from: position)
                held[stream] = 0..<0
                let row = UnsafeMutableRawBufferPointer(
                    rebasing: buffer[(stream * capacity)...].prefix(range.count))
                try cursor.copy(from: stream * plan.streamLength + range.lowerBound, into: row)
                held[stream] = range
            }
        }
    }

    /// What to hold of a stream for the row at `position` and those after it.
    private func stretch(of stream: Int, from position: Int) -> Range<Int> {
        if capacity == plan.streamLength { return 0..<capacity }
        let isFirst = held[stream].isEmpty || position < held[stream].lowerBound
        // No overflow: the streams together are no longer than the corpus.
        let spread = isFirst ? (capacity - plan.rowTokens) * stream / plan.streams : 0
        return position..<min(position + capacity - spread, plan.streamLength)
    }
}
