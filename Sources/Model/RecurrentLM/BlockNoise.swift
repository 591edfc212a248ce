import CKernels
import IntegerTensor

/// The noise of the pairs of one block, and the gains and biases that it changes.
final class BlockNoise {
    private let model: PreparedModel
    /// The factors A [pairs][rows of the tensor] and B [pairs][columns], by tensor id.
    private var a: [Int8Rows] = []
    private var b: [Int8Rows] = []
    /// The perturbed gains and biases by tensor id, [rows of the block][D]; nil for other tensors.
    private let vectors: [Int8Rows?]
    private let blockRows: Int
    private var pairCapacity = 0
    private var shift: Int32 = 0

    init(model: PreparedModel, rows: Int) {
        self.model = model
        blockRows = rows
        vectors = model.layout.tensors.map { tensor in
            tensor.kind.isVector ? Int8Rows(rows: rows, width: tensor.rows) : nil
        }
    }

    /// Generates the noise of `pairs`.
    func fill(pairs: ClosedRange<Int>, source: some PerturbationSource, sigmaShift: Int) {
        reserve(pairs.count)
        shift = Int32(perturbationShift(sigmaShift: sigmaShift))
        for tensor in model.layout.tensors {
            for (index, pair) in pairs.enumerated() {
                source.fill(
                    a[tensor.id].row(index), tensor: tensor.id, side: .a, pair: pair, first: 0,
                    count: tensor.rows)
                source.fill(
                    b[tensor.id].row(index), tensor: tensor.id, side: .b, pair: pair, first: 0,
                    count: tensor.columns)
            }
        }
    }

    private func reserve(_ pairs: Int) {
        guard pairs > pairCapacity else { return }
        pairCapacity = max(pairs, blockRows / 2 + 1)
        a = model.layout.tensors.map { Int8Rows(rows: pairCapacity, width: $0.rows) }
        b = model.layout.tensors.map { Int8Rows(rows: pairCapacity, width: $0.columns) }
    }

    func perturbation(_ id: Int) -> egg_perturbation {
        egg_perturbation(
            a: a[id].row(0), a_stride: a[id].stride, b: b[id].row(0), b_stride: b[id].stride,
            shift: shift)
    }

    /// Computes the gains and biases of every row of the block.
    func perturbVectors(_ rows: egg_rows) {
        for tensor in model.layout.tensors {
            guard let output = vectors[tensor.id], let values = model.rows[tensor.id] else {
                continue
            }
            var noise = perturbation(tensor.id)
            model.kernel.table.pointee.perturb_vector(
                rows, Int32(tensor.rows), values.row(0), &noise, output.output())
        }
    }

    func vector(_ id: Int) -> egg_const_rows {
        vectors[id]?.input() ?? egg_const_rows()
    }
}
