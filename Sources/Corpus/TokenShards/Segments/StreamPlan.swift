import Diagnostics
import Storage

/// How a split is cut into streams that are read side by side, S = `streams`, T = `segmentTokens`.
///
/// The split is cut into S streams of n = tokens / S tokens, and the rest is not used; stream s
/// begins at token s·n. A segment at position p holds tokens p to p + T of each stream, the next is
/// at p + T, and where it would pass the end of the streams, at 0 again.
struct StreamPlan: Sendable, Equatable {
    let streams: Int
    let segmentTokens: Int
    /// The tokens of each stream, n; at least T + 1.
    let streamLength: Int

    /// Tokens of a segment in each stream: its inputs and the target of the last.
    var rowTokens: Int { segmentTokens + 1 }

    init(shards: ShardSet, split: Split, streams: Int, segmentTokens: Int) throws(ShardError) {
        guard streams > 0, segmentTokens > 0 else {
            throw ShardError(
                shards.directory,
                "cannot be read as \(streams.counted("stream")) in segments of "
                    + segmentTokens.counted("token"),
                remedy: "ask for at least one of each")
        }
        let total = shards.tokenCount(split)
        streamLength = total / streams
        guard segmentTokens < streamLength else {
            let (needed, overflow) = segmentTokens.multipliedReportingOverflow(by: streams)
            let least =
                overflow ? "more" : "\(needed.addingReportingOverflow(streams).partialValue)"
            throw ShardError(
                shards.directory,
                "its split '\(split.rawValue)' of \(total.counted("token")) is too short for "
                    + "\(streams.counted("stream")) "
                    + "in segments of \(segmentTokens), which need \(least)",
                remedy: "tokenize a longer text, or use fewer streams or shorter segments")
        }
        self.streams = streams
        self.segmentTokens = segmentTokens
    }

    /// The segments from the beginning of the streams to their end.
    var segmentsPerPass: Int { (streamLength - 1) / segmentTokens }

    /// The position of the segment that comes when `position` tokens of each stream are done.
    func start(after position: Int) -> Int {
        position <= streamLength - rowTokens ? position : 0
    }
}
