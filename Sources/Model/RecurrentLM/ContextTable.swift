import CKernels
import IntegerTensor

/// Rows that the contexts of a model choose by their hashes: those that are added to the input of the recurrence,
/// [rows][min(D, 64)], or those that are added to the logits, [rows][V]. Weights are Int8: 1 is ``inputScale`` of an
/// activation, or 1 of a logit.
///
/// While a model is trained the table holds more of each weight, its *fine* value f: the weight is
/// (f + 2^(b-1)) >> b with b = ``fineBits``.
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
    /// The bits of a value below a weight's last: 0, or ``trainingBits`` from ``beginTraining()`` on.
    public private(set) var fineBits = 0
    /// The fine bits while the model is trained: 3 for input rows, 1 for logit rows, whose weights have a wider range.
    public let trainingBits: Int
    private let memory: ZeroPages
    private let first: UnsafeMutablePointer<Int8>

    /// What 1 of a weight adds to an activation: 2. Coarse weights of rare rows are mostly 0, and files small.
    public static let inputScale = Int32(EGG_CONTEXT_SCALE)

    /// The most units of the recurrence's input that contexts are added to: a row then fills one line of a cache.
    private static let mostInputs = 64

    /// The weights of an input row of a model: min(D, 64).
    public static func inputWidth(_ config: ModelConfig) -> Int { min(config.hidden, mostInputs) }

    /// Makes the input rows of a model, of zeros; nil for a model without contexts.
    public static func inputs(_ config: ModelConfig) -> ContextTable? {
        guard !config.contexts.isEmpty else { return nil }
        return ContextTable(rows: config.contextRows, width: inputWidth(config), trainingBits: 3)
    }

    /// Makes the logit rows of a model, of zeros; nil for a model without direct connections.
    public static func logits(_ config: ModelConfig) -> ContextTable? {
        guard config.direct else { return nil }
        return ContextTable(rows: config.contextRows, width: config.vocabulary, trainingBits: 1)
    }

    private init?(rows: Int, width: Int, trainingBits: Int) {
        self.rows = rows
        self.width = width
        self.trainingBits = trainingBits
        stride = paddedWidth(width)
        memory = ZeroPages(count: rows * stride)
        guard let first = memory.bytes.baseAddress else { return nil }
        self.first = first
    }

    /// The first value of a row: a weight, or while the model is trained a fine value.
    public func row(_ index: Int) -> UnsafeMutablePointer<Int8> { first + index * stride }

    /// The weight of a value.
    @inline(__always)
    public func weight(of value: Int8) -> Int8 {
        Int8(truncatingIfNeeded: (Int32(value) + (1 << Int32(fineBits)) >> 1) >> Int32(fineBits))
    }

    /// The weights of a row.
    public func weights(row index: Int) -> [Int8] {
        (0..<width).map { weight(of: row(index)[$0]) }
    }

    /// The table as a kernel writes it.
    public var output: egg_out_rows { egg_out_rows(data: first, stride: stride) }

    /// The rows that `indices` chooses, [rows of a block][contexts], as a kernel reads them.
    func chosen(by indices: UnsafePointer<UInt32>, contexts: Int) -> egg_chosen_rows {
        egg_chosen_rows(
            table: egg_const_rows(data: first, stride: stride), indices: indices,
            contexts: Int32(contexts), fine_bits: Int32(fineBits))
    }

    // MARK: Fine values

    /// Gives each weight its fine value, once.
    /// - Throws: ``ModelError`` where a weight is beyond the range of fine values.
    public func beginTraining() throws(ModelError) {
        guard fineBits == 0 else { return }
        let most = 1 << (7 - trainingBits)
        for index in 0..<rows {
            let values = row(index)
            for i in 0..<width where values[i] != 0 {
                guard abs(Int(values[i])) <= most else {
                    throw ModelError(
                        "contexts",
                        "a weight is \(values[i]), and training keeps them within ±\(most)",
                        remedy: "use a model that pretrain wrote")
                }
                values[i] = Int8(min(127, max(-127, Int(values[i]) << trainingBits)))
            }
        }
        fineBits = trainingBits
    }

    /// Writes what some fine values are above their weights, row by row without padding: signed bytes.
    public func saveFineParts(_ range: Range<Int>, into block: UnsafeMutableRawBufferPointer) {
        let bits = Int32(fineBits)
        save(range, into: block) { value, weight in value &- weight << bits }
    }

    /// Writes some weights, row by row without padding.
    public func saveWeights(_ range: Range<Int>, into block: UnsafeMutableRawBufferPointer) {
        save(range, into: block) { _, weight in weight }
    }

    /// Writes a byte for each of some values, which `byte` makes of the value and its weight.
    @inline(__always)
    private func save(
        _ range: Range<Int>, into block: UnsafeMutableRawBufferPointer,
        _ byte: (_ value: Int32, _ weight: Int32) -> Int32
    ) {
        let bits = Int32(fineBits)
        let half = (Int32(1) << bits) >> 1
        visitRows(of: range) { index, columns, place in
            let values = row(index)
            for (i, column) in columns.enumerated() {
                let value = Int32(values[column])
                block[place + i] = UInt8(truncatingIfNeeded: byte(value, (value + half) >> bits))
            }
        }
    }

    /// Restores what ``saveFineParts(_:into:)`` wrote, on top of the weights.
    /// - Returns: Whether they can be such parts.
    public func restoreFineParts(_ range: Range<Int>, from block: UnsafeRawBufferPointer) -> Bool {
        let half = (1 << fineBits) >> 1
        var areSound = true
        visitRows(of: range) { index, columns, place in
            let values = row(index)
            for (i, column) in columns.enumerated() where block[place + i] != 0 {
                let part = Int(Int8(bitPattern: block[place + i]))
                let fine = Int(weight(of: values[column])) << fineBits + part
                if (-half..<half).contains(part), abs(fine) <= 127 {
                    values[column] = Int8(fine)
                } else {
                    areSound = false
                }
            }
        }
        return areSound
    }

    /// Fills a table of zeros with what ``saveWeights(_:into:)`` wrote.
    public func restoreWeights(_ range: Range<Int>, from block: UnsafeRawBufferPointer) {
        visitRows(of: range) { index, columns, place in
            let values = row(index)
            // Pages that nobody writes to take no room.
            for (i, column) in columns.enumerated() where block[place + i] != 0 {
                values[column] = Int8(bitPattern: block[place + i])
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
