import CKernels
import FixedPoint
import IntegerTensor

/// A model's weights as the kernels read them: matrices packed, rows padded. Made once a step.
public final class PreparedModel: @unchecked Sendable {
    /// The tensors of the model.
    public let layout: ParameterLayout
    /// The kernel whose layout the matrices are packed in.
    public let kernel: Kernel
    /// The packed matrices by tensor id; nil for other tensors.
    let matrices: [PackedMatrix?]
    /// The embedding [V][D] and the vectors [1][D] by tensor id; nil for matrices.
    let rows: [Int8Rows?]
    let gateTable: AlignedBuffer<Int8>?
    let lossTables: AlignedBuffer<egg_loss_tables>
    /// The rows of the contexts, which the model shares with the parameters; nil without contexts.
    let contexts: ContextTable?
    /// The rows of direct connections, likewise.
    let direct: ContextTable?

    /// The shape of the model.
    public var config: ModelConfig { layout.config }

    /// Packs the weights of a model.
    /// - Parameters:
    ///   - parameters: The weights to pack.
    ///   - kernel: The kernel whose layout they are packed in.
    ///   - loss: The fraction bits of the log-likelihoods that the batched path gives.
    public init(_ parameters: Parameters, kernel: Kernel, loss: LossResolution = .sixteenth) {
        self.kernel = kernel
        layout = parameters.layout
        contexts = parameters.contexts
        direct = parameters.direct
        matrices = layout.tensors.map { tensor in
            guard tensor.kind == .matrix else { return nil }
            return PackedMatrix(outputs: tensor.rows, inputs: tensor.columns, kernel: kernel)
        }
        rows = layout.tensors.map { tensor in
            guard tensor.kind != .matrix else { return nil }
            let count = tensor.kind.isVector ? 1 : tensor.rows
            return Int8Rows(rows: count, width: tensor.columns)
        }
        gateTable = parameters.config.gate.table.map { AlignedBuffer($0) }
        lossTables = Self.makeLossTables(loss)
        update(from: parameters)
    }

    /// Packs new weights of the same layout and with the same table of contexts, on the threads of `pool` where there is one.
    public func update(from parameters: Parameters, pool: WorkerPool? = nil) {
        func prepare(_ id: Int) {
            let values = parameters.values[id]
            matrices[id]?.pack(values)
            guard let target = rows[id] else { return }
            for row in 0..<target.rows {
                target.setRow(row, to: values[row * target.width..<(row + 1) * target.width])
            }
        }
        guard let pool else { return layout.tensors.indices.forEach(prepare) }
        pool.run(layout.tensors.count) { id, _ in prepare(id) }
    }

    /// Adds the log-likelihood of each row's target under its logits `[rows][V]` to `scores`, in this
    /// model's resolution; the target of row r is at `targets[r·stride]`.
    public func addLogLikelihood(
        rows: Int, _ logits: egg_const_rows, _ targets: UnsafePointer<UInt8>, stride: Int,
        to scores: UnsafeMutablePointer<Int32>
    ) {
        kernel.table.pointee.log_likelihood(
            Int32(rows), Int32(config.vocabulary), logits, targets, stride, lossTables.pointer,
            scores)
    }

    private static func makeLossTables(
        _ loss: LossResolution
    ) -> AlignedBuffer<egg_loss_tables> {
        let buffer = AlignedBuffer<egg_loss_tables>(count: 1)
        buffer.pointer.pointee.fraction_bits = Int32(loss.fractionBits)
        withUnsafeMutableBytes(of: &buffer.pointer.pointee.mantissas) {
            $0.copyBytes(from: LikelihoodTables.mantissas.withUnsafeBytes(Array.init))
        }
        withUnsafeMutableBytes(of: &buffer.pointer.pointee.log2_thresholds) {
            $0.copyBytes(from: LikelihoodTables.log2Thresholds.withUnsafeBytes(Array.init))
        }
        withUnsafeMutableBytes(of: &buffer.pointer.pointee.fine_mantissas) {
            $0.copyBytes(from: LikelihoodTables.fineMantissas.withUnsafeBytes(Array.init))
        }
        withUnsafeMutableBytes(of: &buffer.pointer.pointee.fine_log2) {
            $0.copyBytes(from: LikelihoodTables.fineLog2.withUnsafeBytes(Array.init))
        }
        return buffer
    }
}

/// The hidden states of many rows. [rows][L][D], 127 = 1.0, zero at first.
public final class HiddenStates: @unchecked Sendable {
    /// The number of rows.
    public let rows: Int
    /// L, the layers of each row.
    public let layers: Int
    let storage: Int8Rows
    /// What the contexts of each row need to know of its text; none without contexts.
    let histories: AlignedBuffer<ContextHistory>

    /// Makes states of 0.
    public init(rows: Int, config: ModelConfig) {
        self.rows = rows
        layers = config.layers
        histories = AlignedBuffer(count: config.contexts.isEmpty ? 0 : rows)
        storage = Int8Rows(rows: rows * config.layers, width: config.hidden)
    }

    /// Sets all states to zero.
    public func reset() {
        storage.zero()
        histories.zero()
    }

    /// Sets the state of one row to zero.
    public func reset(row: Int) {
        storage.row(row * layers).update(repeating: 0, count: layers * storage.stride)
    }

    /// Copies the state of row `source` of other states to a row of these.
    /// - Precondition: Both are of the same model.
    public func copy(row: Int, from other: HiddenStates, row source: Int) {
        storage.row(row * layers).update(
            from: other.storage.row(source * layers), count: layers * storage.stride)
        copyHistories(to: row, from: other, row: source, count: 1)
    }

    /// Copies the histories of `count` rows of other states, from row `source` on, to the rows from `row` on.
    public func copyHistories(to row: Int, from other: HiddenStates, row source: Int, count: Int) {
        guard histories.count > 0 else { return }
        (histories.pointer + row).update(from: other.histories.pointer + source, count: count)
    }

    /// Bytes from the state of one row to that of the next.
    var rowStride: Int { layers * storage.stride }

    func pointer(row: Int, layer: Int) -> UnsafeMutablePointer<Int8> {
        storage.row(row * layers + layer)
    }

    /// The states of a layer for the rows from `first` on, as a kernel reads them.
    public func input(from first: Int, layer: Int) -> egg_const_rows {
        egg_const_rows(data: pointer(row: first, layer: layer), stride: rowStride)
    }

    /// The states of a layer for the rows from `first` on, as a kernel writes them.
    public func output(from first: Int, layer: Int) -> egg_out_rows {
        egg_out_rows(data: pointer(row: first, layer: layer), stride: rowStride)
    }

    /// The state of a row, one vector a layer. [L][D]
    public func values(row: Int) -> [[Int8]] {
        (0..<layers).map { storage.values(row: row * layers + $0) }
    }

    /// All states without padding, [rows][L][D], for a checkpoint.
    public var allValues: [Int8] { values(rows: 0..<rows) }

    /// The states of some rows without padding, [rows][L][D].
    public func values(rows: Range<Int>) -> [Int8] {
        let width = storage.width
        let total = rows.count * layers * width
        return [Int8](unsafeUninitializedCapacity: total) { values, count in
            guard let base = values.baseAddress else { return }
            for row in 0..<rows.count * layers {
                (base + row * width).initialize(
                    from: storage.row(rows.lowerBound * layers + row), count: width)
            }
            count = total
        }
    }

    /// Restores states that ``allValues`` gave.
    /// - Precondition: `values.count == rows·L·D`.
    public func restore(_ values: ArraySlice<Int8>) {
        let width = storage.width
        for row in 0..<rows * layers {
            storage.setRow(row, to: values.dropFirst(row * width).prefix(width))
        }
    }

    // MARK: Histories

    /// The numbers of a row's history as 32-bit halves, the lower first; 0 without contexts.
    public static func historyWidth(_ config: ModelConfig) -> Int {
        config.contexts.isEmpty ? 0 : ContextHistory.halfCount
    }

    /// The histories of some rows, [rows][``ContextHistory/halfCount``], for a checkpoint; empty without contexts.
    public func historyValues(rows: Range<Int>) -> [Int32] {
        guard histories.count > 0 else { return [] }
        return rows.flatMap { histories.pointer[$0].halves }
    }

    /// Restores histories that ``historyValues(rows:)`` gave for all rows.
    /// - Precondition: There are as many values.
    public func restoreHistories(_ values: ArraySlice<Int32>) {
        let width = ContextHistory.halfCount
        for row in 0..<histories.count {
            histories.pointer[row] = ContextHistory(
                halves: values.dropFirst(row * width).prefix(width))
        }
    }
}
