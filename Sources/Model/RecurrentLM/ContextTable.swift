import CKernels
import IntegerTensor

/// Rows that the contexts of a model choose by their hashes: those that are added to the input of the recurrence,
/// [contextRows][min(D, 64)], or those that are added to the logits, [contextRows / 2][V]. Weights are Int8: 1 is
/// ``inputScale`` of an activation, or 1 of a logit.
///
/// While a model is trained the table has a *fine* value of each weight beside it, with 8 bits more: the weight is
/// (f + 128) >> 8.
///
/// It is a reference: copies of ``Parameters`` share it, and training changes it in place, as it may fill most of the
/// memory. Pages that no row was written to take no room.
public final class ContextTable: @unchecked Sendable {
    /// The number of rows, a power of two.
    public let rows: Int
    /// The weights of a row.
    public let width: Int
    /// The bytes from one row to the next: the width, padded with zeros.
    public let stride: Int
    /// What the hash of a context is shifted by: 0, or 1 for logit rows.
    public let indexShift: Int
    private let memory: ZeroPages
    private let first: UnsafeMutablePointer<Int8>
    /// What fine values are above 256 times their weights, a byte each; nil before ``beginTraining()``.
    private var parts: ZeroPages?

    /// What 1 of a weight adds to an activation: 2. Coarse weights of rare rows are mostly 0, and files small.
    public static let inputScale = Int32(EGG_CONTEXT_SCALE)

    /// The most units of the recurrence's input that contexts are added to: a row then fills one line of a cache.
    private static let mostInputs = 64

    /// The weights of an input row of a model: min(D, 64).
    public static func inputWidth(_ config: ModelConfig) -> Int { min(config.hidden, mostInputs) }

    /// Makes the input rows of a model, of zeros; nil for a model without contexts.
    public static func inputs(_ config: ModelConfig) -> ContextTable? {
        guard !config.contexts.isEmpty else { return nil }
        return ContextTable(
            rows: config.contextRows, width: inputWidth(config), indexShift: 0)
    }

    /// Makes the logit rows of a model, of zeros; nil for a model without direct connections.
    public static func logits(_ config: ModelConfig) -> ContextTable? {
        guard config.direct else { return nil }
        return ContextTable(
            rows: config.logitRows, width: config.vocabulary,
            indexShift: ModelConfig.logitRowShift)
    }

    private init?(rows: Int, width: Int, indexShift: Int) {
        self.rows = rows
        self.width = width
        self.indexShift = indexShift
        stride = paddedWidth(width)
        memory = ZeroPages(count: rows * stride)
        guard let first = memory.bytes.baseAddress else { return nil }
        self.first = first
    }

    /// The first weight of a row.
    public func row(_ index: Int) -> UnsafeMutablePointer<Int8> { first + index * stride }

    /// The weights of a row.
    public func weights(row index: Int) -> [Int8] { (0..<width).map { row(index)[$0] } }

    /// What the fine values of a row are above 256 times its weights; nil before training.
    public func parts(row index: Int) -> UnsafeMutablePointer<Int8>? {
        parts?.bytes.baseAddress.map { $0 + index * stride }
    }

    /// The table as a kernel moves it, once training has begun.
    public var fineRows: egg_fine_rows {
        egg_fine_rows(weights: first, parts: parts?.bytes.baseAddress, stride: stride)
    }

    /// The rows that `indices` chooses, [rows of a block][contexts], as a kernel reads them.
    func chosen(by indices: UnsafePointer<UInt32>, contexts: Int) -> egg_chosen_rows {
        egg_chosen_rows(
            table: egg_const_rows(data: first, stride: stride), indices: indices,
            contexts: Int32(contexts), index_shift: Int32(indexShift))
    }

    // MARK: Bytes

    /// Gives each weight a fine value of 256 times it, once.
    public func beginTraining() {
        if parts == nil { parts = ZeroPages(count: rows * stride) }
    }

    /// Writes what some fine values are above 256 times their weights, row by row without padding: signed bytes.
    public func saveFineParts(_ range: Range<Int>, into block: UnsafeMutableRawBufferPointer) {
        if let parts = parts?.bytes.baseAddress { save(range, of: parts, into: block) }
    }

    /// Writes some weights, row by row without padding.
    public func saveWeights(_ range: Range<Int>, into block: UnsafeMutableRawBufferPointer) {
        save(range, of: first, into: block)
    }

    /// Restores what ``saveFineParts(_:into:)`` wrote, where training has begun.
    public func restoreFineParts(_ range: Range<Int>, from block: UnsafeRawBufferPointer) {
        if let parts = parts?.bytes.baseAddress { restore(range, of: parts, from: block) }
    }

    /// Fills a table of zeros with what ``saveWeights(_:into:)`` wrote.
    public func restoreWeights(_ range: Range<Int>, from block: UnsafeRawBufferPointer) {
        restore(range, of: first, from: block)
    }

    private func save(
        _ range: Range<Int>, of values: UnsafePointer<Int8>,
        into block: UnsafeMutableRawBufferPointer
    ) {
        visitRows(of: range) { index, columns, place in
            for (i, column) in columns.enumerated() {
                block[place + i] = UInt8(bitPattern: values[index * stride + column])
            }
        }
    }

    private func restore(
        _ range: Range<Int>, of values: UnsafeMutablePointer<Int8>,
        from block: UnsafeRawBufferPointer
    ) {
        visitRows(of: range) { index, columns, place in
            // Pages that nobody writes to take no room.
            for (i, column) in columns.enumerated() where block[place + i] != 0 {
                values[index * stride + column] = Int8(bitPattern: block[place + i])
            }
        }
    }

    /// Cuts a range that counts the weights row by row, without padding, at the ends of rows.
    /// - Parameter body: It is called with a row, the columns of it, and their place in the range.
    private func visitRows(
        of range: Range<Int>, _ body: (_ row: Int, _ columns: Range<Int>, _ place: Int) -> Void
    ) {
        var next = range.lowerBound
        while next < range.upperBound {
            let (index, first) = next.quotientAndRemainder(dividingBy: width)
            let end = min(width, first + range.upperBound - next)
            body(index, first..<end, next - range.lowerBound)
            next += end - first
        }
    }
}
