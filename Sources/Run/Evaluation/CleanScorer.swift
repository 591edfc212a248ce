import CKernels
import IntegerTensor
import RecurrentLM

/// Scores text with the noiseless model: the validation of a run, and `evaluate`.
///
/// The tokens are cut into S equal streams of n = tokens / S; the rest is not used, and stream s
/// begins at token s·n. Each stream starts from state 0; each of its tokens but the first is scored
/// as the target of the tokens before it: S·(n - 1) tokens in all, document separators among them.
/// A separator resets the state of its stream, as in training.
///
/// Worked example: 11 tokens in 2 streams are tokens 0…4 and 5…9; the 8 tokens 1…4 and 6…9 are scored.
public struct CleanScorer: Sendable {
    /// The bytes of text held in memory: long windows, since a read decodes whole frames of a shard.
    var windowBudget = 16 << 20
    /// The bytes held of a text that comes as a stream.
    private static let streamWindow = 1 << 20
    private let model: PreparedModel
    private let pool: WorkerPool
    private let streams: Int

    /// Makes a scorer.
    /// - Parameters:
    ///   - model: The weights, packed for a kernel.
    ///   - pool: The threads that share the streams; no result depends on them.
    ///   - streams: S, at least 1; a text of fewer than 2·S tokens is cut into fewer.
    /// - Throws: ``EvaluationError`` when the model does not know all 256 byte tokens.
    public init(
        model: PreparedModel, pool: WorkerPool, streams: Int
    ) throws(EvaluationError) {
        guard model.config.vocabulary == 256 else {
            throw EvaluationError(
                location: "model.vocabulary",
                finding: "is \(model.config.vocabulary), and the text has 256 tokens",
                remedy: "use a model of the byte tokenizer")
        }
        self.model = model
        self.pool = pool
        self.streams = max(1, streams)
    }

    /// Checks that the streams of a text of that many tokens fit into memory. An allocation that fails ends the
    /// process, so this comes before any.
    /// - Throws: ``EvaluationError`` when the machine or a limit has less.
    public func requireMemory(tokens: Int) throws(EvaluationError) {
        let streams = min(streams, max(1, tokens / 2))
        let config = model.config
        let ofStream = config.layers * paddedWidth(config.hidden) + config.bytesPerBlockRow
        let window = max(windowBudget, 2 * streams)
        let demand = MemoryDemand(
            inUse: streams * ofStream, mapped: streams * (ofStream + Self.smallBytes) + window)
        guard let shortage = demand.shortage() else { return }
        throw EvaluationError(
            location: "streams", finding: "\(streams) of them take " + shortage.finding,
            remedy: "use fewer" + shortage.otherRemedy)
    }

    /// More bytes than a stream takes besides: its part of a block's sums, tables and counts, where each block has one.
    private static let smallBytes = 1 << 13

    /// Scores `source`, or its first `maxTokens` tokens.
    ///
    /// The result depends on the model, the tokens and `streams`, not on kernel or threads.
    /// - Parameters:
    ///   - source: The text.
    ///   - maxTokens: The most tokens of it that are read.
    ///   - progress: It is called now and then with the number of tokens scored so far.
    /// - Throws: ``EvaluationError`` for fewer than 2 tokens, or what reading throws.
    public func score(
        _ source: some TokenSource, maxTokens: Int = .max,
        progress: (Int) throws -> Void = { _ in }
    ) throws -> TextScore {
        try score(source, streams: streams, maxTokens: maxTokens) { tokens, _ in
            try progress(tokens)
        }
    }

    /// Scores `source` as one stream and hands out each token's log-likelihood, in order.
    /// - Parameters:
    ///   - source: The text.
    ///   - visit: It is called with the number of tokens scored so far and the log-likelihoods of
    ///     the newest of them, in 1/16 bit.
    /// - Throws: ``EvaluationError`` for fewer than 2 tokens, or what reading and `visit` throw.
    public func scoreEach(
        _ source: some TokenSource, visit: (Int, [Int32]) throws -> Void
    ) throws -> TextScore {
        try score(source, streams: 1, maxTokens: .max, visit: visit)
    }

    /// Scores a stream to its end and hands out each token's log-likelihood, in order. Memory does not depend on its
    /// length.
    /// - Parameters:
    ///   - stream: The text, which can be read once.
    ///   - visit: It is called with the number of tokens scored so far and the log-likelihoods of
    ///     the newest of them, in 1/16 bit.
    /// - Throws: ``EvaluationError`` for fewer than 2 tokens, or what reading and `visit` throw.
    public func scoreEach(
        _ stream: some TokenStream, visit: (Int, [Int32]) throws -> Void
    ) throws -> TextScore {
        let blocks = makeBlocks(1)
        let window = AlignedBuffer<UInt8>(count: max(2, min(windowBudget, Self.streamWindow)))
        var (held, scored) = (0, 0)
        while true {
            held = try fill(window, from: held, with: stream)
            guard held >= 2 else { break }
            try run(blocks, window.pointer, stride: window.count, steps: held - 1) { done, newest in
                try visit(scored + done, newest)
            }
            scored += held - 1
            window.pointer[0] = window.pointer[held - 1]  // the last target is the next input
            held = 1
        }
        guard scored > 0 else { throw Self.nothing(in: stream.name) }
        return blocks.reduce(into: TextScore()) { $0 += $1.score }
    }

    /// Reads until the window is full or the stream ends.
    /// - Returns: The tokens that the window then holds; it held `held` of them before.
    private func fill(
        _ window: AlignedBuffer<UInt8>, from held: Int, with stream: some TokenStream
    ) throws -> Int {
        var held = held
        while held < window.count {
            let room = UnsafeMutableRawBufferPointer(
                start: window.pointer + held, count: window.count - held)
            let added = try stream.read(into: room)
            if added == 0 { break }
            held += added
        }
        return held
    }

    private static func nothing(in name: String) -> EvaluationError {
        EvaluationError(
            location: name, finding: "holds nothing to score",
            remedy: "use a longer text, or another split")
    }

    private func score(
        _ source: some TokenSource, streams: Int, maxTokens: Int,
        visit: (Int, [Int32]) throws -> Void
    ) throws -> TextScore {
        let total = min(source.count, maxTokens)
        guard total >= 2 else { throw Self.nothing(in: source.name) }
        let streams = min(streams, total / 2)
        let length = total / streams
        let blocks = makeBlocks(streams)
        let capacity = min(length, max(2, windowBudget / streams))
        let window = AlignedBuffer<UInt8>(count: streams * capacity)
        var start = 0
        while start < length - 1 {
            let held = min(capacity, length - start)
            for stream in 0..<streams {
                try source.read(
                    at: stream * length + start,
                    into: .init(start: window.pointer + stream * capacity, count: held))
            }
            try run(blocks, window.pointer, stride: capacity, steps: held - 1) { done, newest in
                try visit(streams * (start + done), newest)
            }
            start += held - 1  // the last target is the next input
        }
        return blocks.reduce(into: TextScore()) { $0 += $1.score }
    }

    private func makeBlocks(_ streams: Int) -> [StreamBlock] {
        let states = HiddenStates(rows: streams, config: model.config)
        let schedule = BlockSchedule(
            rows: streams, blockRows: Int(model.kernel.table.pointee.block_rows),
            threads: pool.threads)
        return schedule.blocks.map { StreamBlock(model: model, streams: $0, states: states) }
    }

    /// Runs all blocks over a window in stretches, with a visit after each.
    private func run(
        _ blocks: [StreamBlock], _ window: UnsafePointer<UInt8>, stride: Int, steps: Int,
        visit: (_ done: Int, _ likelihoods: [Int32]) throws -> Void
    ) throws {
        let likelihoods = AlignedBuffer<Int32>(count: StreamBlock.longestRun)
        for first in Swift.stride(from: 0, to: steps, by: StreamBlock.longestRun) {
            let count = min(StreamBlock.longestRun, steps - first)
            pool.run(blocks.count) { index, _ in
                let block = blocks[index]
                block.run(
                    window + block.firstStream * stride + first, stride: stride, steps: count,
                    // Only one block may write: that of a caller who asked for one stream.
                    likelihoods: index == 0 ? likelihoods.pointer : nil)
            }
            try visit(first + count, Array(likelihoods.span[..<count]))
        }
    }
}
