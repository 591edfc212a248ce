import CKernels
import IntegerTensor

/// Rows that contexts own: those that are added to the input of the recurrence, [contextRows][min(D, 64)], or those that
/// are added to the logits, [contextRows / 2][V]. Weights are Int8: 1 is ``inputScale`` of an activation, or 1 of a logit.
///
/// The top bits of a context's hash choose a bucket of four rows, and its lowest byte is the tag by which
/// it finds its own among them; a context without a row reads a row of zeros.
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
    /// The tag of each row's owner; 0 for a row without one. [rows]
    private let tags: AlignedBuffer<UInt8>
    /// What a hash is shifted by to give a bucket.
    private let bucketShift: UInt32
    /// The weights of all rows, and of one of zeros behind them.
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

    /// Log2 of the rows of a bucket.
    private static let bucketBits = 2

    /// Makes the input rows of a model, of zeros; nil for a model without contexts.
    public static func inputs(_ config: ModelConfig) -> ContextTable? {
        guard !config.contexts.isEmpty else { return nil }
        return ContextTable(rows: config.contextRows, width: inputWidth(config))
    }

    /// Makes the logit rows of a model, of zeros; nil for a model without direct connections.
    public static func logits(_ config: ModelConfig) -> ContextTable? {
        guard config.direct else { return nil }
        return ContextTable(rows: config.logitRows, width: config.vocabulary)
    }

    private init?(rows: Int, width: Int) {
        self.rows = rows
        self.width = width
        stride = paddedWidth(width)
        bucketShift = UInt32(32 + Self.bucketBits - (Int.bitWidth - 1 - rows.leadingZeroBitCount))
        memory = ZeroPages(count: (rows + 1) * stride)
        tags = AlignedBuffer(count: rows)
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

    /// Some rows, [rows of a block][contexts], as a kernel reads them.
    func chosen(_ indices: UnsafePointer<UInt32>, contexts: Int) -> egg_chosen_rows {
        egg_chosen_rows(
            table: egg_const_rows(data: first, stride: stride), indices: indices,
            contexts: Int32(contexts))
    }

    // MARK: Owners

    /// The number of the bucket in which a context of that hash may have a row.
    @inline(__always)
    public func bucket(of hash: UInt32) -> Int { Int(hash >> bucketShift) }

    /// The rows of a bucket.
    @inline(__always)
    public func rows(of bucket: Int) -> Range<Int> {
        bucket << Self.bucketBits..<(bucket + 1) << Self.bucketBits
    }

    /// The first row of the bucket in which a context of that hash may have one.
    @inline(__always)
    public func firstRow(of hash: UInt32) -> Int { rows(of: bucket(of: hash)).lowerBound }

    /// The tag of a context of that hash: its lowest byte, 1 for 0.
    @inline(__always)
    public static func tag(of hash: UInt32) -> UInt8 { max(1, UInt8(truncatingIfNeeded: hash)) }

    /// The tag of a row's owner; 0 for a row without one.
    public func tag(row index: Int) -> UInt8 { tags.pointer[index] }

    /// Gives a row to a context of that hash. The row keeps its weights.
    /// - Precondition: The row is in the context's bucket.
    public func give(row index: Int, to hash: UInt32) { tags.pointer[index] = Self.tag(of: hash) }

    /// Asks memory for what ``row(of:)`` will read soon.
    @inline(__always)
    public func expect(_ hash: UInt32) {
        egg_expect(tags.pointer + firstRow(of: hash))
    }

    /// The row of a context: the first of its bucket with its tag; ``rows``, which holds zeros, where there is none.
    @inline(__always)
    public func row(of hash: UInt32) -> Int {
        let tag = Self.tag(of: hash)
        for row in rows(of: bucket(of: hash)) where tags.pointer[row] == tag { return row }
        return rows
    }

    /// Takes the rows from their owners; all values are 0 again.
    public func clear() {
        memory.clear()
        parts?.clear()
        tags.zero()
    }

    // MARK: Bytes

    /// The tags of some rows, as a file keeps them.
    public func saveTags(_ range: Range<Int>, into block: UnsafeMutableRawBufferPointer) {
        block.copyMemory(
            from: UnsafeRawBufferPointer(start: tags.pointer + range.lowerBound, count: range.count)
        )
    }

    /// Gives rows the tags that ``saveTags(_:into:)`` wrote. Any bytes are tags.
    public func restoreTags(_ range: Range<Int>, from block: UnsafeRawBufferPointer) {
        for (place, tag) in block.enumerated() { tags.pointer[range.lowerBound + place] = tag }
    }

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
            UnsafeMutableRawBufferPointer(rebasing: block[place..<place + columns.count])
                .copyMemory(
                    from: UnsafeRawBufferPointer(
                        start: values + index * stride + columns.lowerBound, count: columns.count))
        }
    }

    private func restore(
        _ range: Range<Int>, of values: UnsafeMutablePointer<Int8>,
        from block: UnsafeRawBufferPointer
    ) {
        visitRows(of: range) { index, columns, place in
            let bytes = UnsafeRawBufferPointer(rebasing: block[place..<place + columns.count])
            // Pages that nobody writes to take no room.
            guard !Self.areZero(bytes) else { return }
            UnsafeMutableRawBufferPointer(
                start: values + index * stride + columns.lowerBound, count: columns.count
            ).copyMemory(from: bytes)
        }
    }

    private static func areZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let words = bytes.count / MemoryLayout<UInt64>.size
        var any: UInt64 = 0
        for word in 0..<words {
            any |= bytes.loadUnaligned(
                fromByteOffset: word * MemoryLayout<UInt64>.size, as: UInt64.self)
        }
        return any == 0 && bytes[(words * MemoryLayout<UInt64>.size)...].allSatisfy { $0 == 0 }
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
