import IntegerTensor
import RecurrentLM
import TokenShards

/// A text that a model reads once, to be continued by it any number of times.
public final class TextSoFar {
    /// The state after all of the text but its last bytes.
    private let states: HiddenStates
    /// The last bytes, at least one: a continuation begins with the model's answer to the last of them.
    private var unread = [ByteTokenizer.documentSeparator]
    /// The end of the text, for the penalty on what it has said.
    private(set) var recent: [UInt8] = []

    /// Begins with the separator, which is the beginning of a document.
    public init(_ model: TextModel) { states = HiddenStates(rows: 1, config: model.config) }

    /// Adds bytes to the end of the text.
    public func append(_ bytes: [UInt8]) {
        unread += bytes
        recent = Array((recent + bytes).suffix(RepetitionPenalty.window))
    }

    /// Brings every row of `forward`, whose states are `rows`, to where the text is.
    func read(by forward: BlockForward, into rows: HiddenStates) {
        let token = AlignedBuffer<UInt8>(count: rows.rows)
        forward.begin(rows: 1, states: states, firstState: 0)
        for byte in unread.dropLast() {
            token.pointer[0] = byte
            forward.step(token.pointer, stride: 1)
        }
        unread.removeFirst(unread.count - 1)
        for row in 0..<rows.rows { rows.copy(row: row, from: states, row: 0) }
        forward.begin(rows: rows.rows, states: rows, firstState: 0)
        token.pointer.update(repeating: unread[0], count: rows.rows)
        forward.step(token.pointer, stride: 1)
    }
}
