import Threads

/// The segments of a split in training order, read ahead by a background thread.
///
/// The split is cut into S = `streams` equal streams of n = tokens / S tokens; the rest is not used. The streams
/// advance together by T = `segmentTokens`, and begin anew where a segment would pass their end. Two readers with the
/// same arguments return the same segments, and one that starts at another's ``position`` continues where that one is.
///
/// Memory: eight frames of tokens for each stream, but no more than the budget given (or 2 (T + 1)
/// tokens for each stream where that is more), two ready segments and the one in the caller's hands,
/// and two frames; whatever the size of the corpus.
/// The first segment of an epoch waits until every stream has been read once.
///
/// Worked example: a split of 10 tokens as 2 streams in segments of 2 tokens gives positions
/// 0, 2, 0, 2, …; the first holds tokens 0, 1, 2 and 5, 6, 7.
public final class SegmentReader {
    /// The bytes of tokens that are held unless a caller asks for another number.
    public static let defaultMemoryBudget = 32 << 20
    private static let readAhead = 2

    /// The tokens of each stream.
    public let streamLength: Int
    /// The segments from the beginning of the streams to their end: those of one reading of the text.
    public let segmentsPerPass: Int
    /// The tokens of each stream that the segments returned so far have passed; a checkpoint stores this number.
    public private(set) var position: Int
    private let segmentTokens: Int
    private let queue: ReadyQueue<Segment>
    private let thread: BackgroundThread

    /// Opens a split and begins to read ahead.
    /// - Parameters:
    ///   - shards: The data set.
    ///   - split: Which part of it to read.
    ///   - streams: Number of streams, S.
    ///   - segmentTokens: Inputs of each stream in a segment, T.
    ///   - position: Where to begin: 0, or the ``position`` of an earlier reader.
    ///   - memoryBudget: Most bytes for the tokens held of all streams. Each frame is decoded about
    ///     `frameTokens` · S / `memoryBudget` times an epoch, and at least once.
    /// - Throws: ``ShardError`` when the split is too short or does not reach to `position`.
    public init(
        shards: ShardSet, split: Split, streams: Int, segmentTokens: Int, position: Int = 0,
        memoryBudget: Int = SegmentReader.defaultMemoryBudget
    ) throws {
        let plan = try StreamPlan(
            shards: shards, split: split, streams: streams, segmentTokens: segmentTokens)
        guard (0...plan.streamLength).contains(position) else {
            throw ShardError(
                shards.directory,
                "position \(position) is outside of its streams of \(plan.streamLength) tokens",
                remedy: "continue with the data, streams and split that the position came from")
        }
        let sequence = shards.sequence(split)
        let queue = ReadyQueue<Segment>(depth: Self.readAhead)
        thread = try BackgroundThread("segment reader") {
            do {
                let window = try StreamWindow(plan, of: sequence, memoryBudget: memoryBudget)
                try Self.produce(plan, from: position, window: window, into: queue)
            } catch {
                queue.fail(error)
            }
        }
        self.queue = queue
        self.position = position
        self.segmentTokens = segmentTokens
        streamLength = plan.streamLength
        segmentsPerPass = plan.segmentsPerPass
    }

    deinit {
        queue.stop()
        thread.join()
    }

    /// The next segment, waiting until it is read.
    /// - Throws: ``ShardError`` or `FileError` when the shards cannot be read; each later call
    ///   throws it again.
    public func next() throws -> Segment {
        let segment = try queue.take()
        position = segment.position + segmentTokens
        return segment
    }

    /// The work of the background thread: segments until the queue is stopped or a read fails.
    private static func produce(
        _ plan: StreamPlan, from start: Int, window: StreamWindow, into queue: ReadyQueue<Segment>
    ) throws {
        var position = start
        while true {
            position = plan.start(after: position)
            let segment = try window.segment(at: position)
            position += plan.segmentTokens
            guard queue.put(segment) else { return }
        }
    }
}
