import RecurrentLM
import TokenShards

/// What the contexts of every stream of a population need to know of its text: for what follows from the text alone,
/// without a forward pass.
struct StreamHistories {
    private var histories: [ContextHistory]
    private let kinds: [ContextKind]
    private let rowBits: Int

    /// Makes histories of streams that nothing was read of.
    init(streams: Int, config: ModelConfig) {
        histories = Array(repeating: ContextHistory(), count: streams)
        kinds = config.contexts
        rowBits = config.contextRowBits
    }

    /// Begins all streams anew.
    mutating func reset() {
        for stream in histories.indices { histories[stream] = ContextHistory() }
    }

    /// Reads the tokens of a stream in a segment, and hands out the rows of the table that each token's contexts choose.
    mutating func read(_ stream: Int, of segment: Segment, row: (UInt32) -> Void) {
        let first = stream * (segment.length + 1)
        for token in segment.tokens[first..<first + segment.length] {
            histories[stream].read(token)
            for kind in kinds { row(histories[stream].row(kind, rowBits: rowBits)) }
        }
    }

    /// The history of a stream.
    subscript(stream: Int) -> ContextHistory { histories[stream] }

    // MARK: State

    /// The histories of all streams as halves of 32 bits; see `HiddenStates.historyValues(rows:)`.
    var values: [Int32] { histories.flatMap(\.halves) }

    /// Restores ``values``; nil where they are not of so many streams.
    mutating func restore(_ values: [Int32]) -> Bool {
        guard values.count == histories.count * ContextHistory.halfCount else { return false }
        for stream in histories.indices { histories[stream] = history(values, stream) }
        return true
    }

    private func history(_ values: [Int32], _ stream: Int) -> ContextHistory {
        let first = stream * ContextHistory.halfCount
        return ContextHistory(halves: values[first..<first + ContextHistory.halfCount])
    }
}
