import RecurrentLM
import TokenShards

/// What the contexts of every stream of a population need to know of its text: for what follows from the text alone,
/// without a forward pass.
struct StreamHistories {
    private var histories: [ContextHistory]
    private let kinds: [ContextKind]

    /// Makes histories of streams that nothing was read of.
    init(streams: Int, config: ModelConfig) {
        histories = Array(repeating: ContextHistory(), count: streams)
        kinds = config.contexts
    }

    /// Begins all streams anew.
    mutating func reset() {
        for stream in histories.indices { histories[stream] = ContextHistory() }
    }

    /// Reads the tokens of a stream in a segment, and hands out the hashes of each token's contexts.
    mutating func read(_ stream: Int, of segment: Segment, hash: (UInt32) -> Void) {
        let first = stream * (segment.length + 1)
        for token in segment.tokens[first..<first + segment.length] {
            histories[stream].read(token)
            for kind in kinds { hash(histories[stream].hash(kind)) }
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
