import CKernels
import IntegerTensor

/// The contexts of the rows of a block, and the rows that the tables have for them.
final class BlockContexts {
    private let kinds: [ContextKind]
    /// The hashes of the contexts in the last step. [capacity][contexts]
    let hashes: AlignedBuffer<UInt32>
    /// The rows of the table that was asked last. [capacity][contexts]
    private let rows: AlignedBuffer<UInt32>
    /// Σ of the contexts' noise, for each row of the block; room for it. [capacity]
    let noise: AlignedBuffer<Int16>

    /// How many contexts ahead a table is asked for what it will have to look at.
    private static let placesAhead = 16

    /// Makes room for the contexts of so many rows; none for a model without contexts.
    init(_ config: ModelConfig, capacity: Int) {
        kinds = config.contexts
        hashes = AlignedBuffer(count: capacity * kinds.count)
        rows = AlignedBuffer(count: capacity * kinds.count)
        noise = AlignedBuffer(count: kinds.isEmpty ? 0 : capacity)
    }

    /// Reads the next token of each history, and finds the hashes of its contexts.
    func read(
        _ tokens: UnsafePointer<UInt8>, stride: Int, count: Int,
        _ histories: UnsafeMutablePointer<ContextHistory>
    ) {
        for row in 0..<count {
            histories[row].read(tokens[row &* stride])
            for (place, kind) in kinds.enumerated() {
                hashes.pointer[row &* kinds.count &+ place] = histories[row].hash(kind)
            }
        }
    }

    /// The rows that a table has for the contexts of the first `count` rows of the block, until it is called again.
    func rows(of table: ContextTable, count: Int) -> egg_chosen_rows {
        let places = count &* kinds.count
        for place in 0..<places {
            if place &+ Self.placesAhead < places {
                table.expect(hashes.pointer[place &+ Self.placesAhead])
            }
            rows.pointer[place] = UInt32(
                truncatingIfNeeded: table.row(of: hashes.pointer[place]))
        }
        return table.chosen(rows.pointer, contexts: kinds.count)
    }
}
