import CKernels
import IntegerTensor

/// The noise of the pairs of one block, and the gains and biases that it changes.
final class BlockNoise {
    private let model: PreparedModel
    /// The factors A [pairs][terms][rows of the tensor] and B [pairs][terms][columns], by tensor id.
    private var a: [Int8Rows] = []
    private var b: [Int8Rows] = []
    /// The factor B of the rows of contexts. [pairs][D]
    private var contextB: Int8Rows?
    /// The factor A of the rows of contexts, and the pair that the first row of the factors belongs to.
    private var rowNoise = egg_row_noise()
    private var firstPair = 0
    /// The perturbed gains and biases by tensor id, [rows of the block][D]; nil for other tensors.
    private let vectors: [Int8Rows?]
    private let blockRows: Int
    private var pairCapacity = 0
    private var perturbsHead = true
    private var shape = NoiseShape(sigmaShift: 0)

    init(model: PreparedModel, rows: Int) {
        self.model = model
        blockRows = rows
        vectors = model.layout.tensors.map { tensor in
            tensor.kind.isVector ? Int8Rows(rows: rows, width: tensor.rows) : nil
        }
    }

    /// Generates the noise of `pairs`, that of the head only where it is perturbed.
    func fill(
        pairs: ClosedRange<Int>, source: some PerturbationSource, shape: NoiseShape,
        perturbsHead: Bool
    ) {
        if shape.rank != self.shape.rank { pairCapacity = 0 }
        self.shape = shape
        reserve(pairs.count)
        self.perturbsHead = perturbsHead
        rowNoise = model.kernel.rowNoise(source.rowNoise)
        firstPair = pairs.lowerBound
        if let contextB {
            for (index, pair) in pairs.enumerated() {
                source.fill(
                    contextB.row(index), tensor: model.layout.contextTensor, side: .b, pair: pair,
                    term: 0, first: 0, count: contextB.width)
            }
        }
        for tensor in model.layout.tensors where isPerturbed(tensor.id) {
            let terms = terms(of: tensor)
            for index in 0..<pairs.count * terms {
                let (pair, term) = index.quotientAndRemainder(dividingBy: terms)
                source.fill(
                    a[tensor.id].row(index), tensor: tensor.id, side: .a, pair: firstPair + pair,
                    term: term, first: 0, count: tensor.rows)
                source.fill(
                    b[tensor.id].row(index), tensor: tensor.id, side: .b, pair: firstPair + pair,
                    term: term, first: 0, count: tensor.columns)
            }
        }
    }

    private func terms(of tensor: ParameterSpec) -> Int {
        shape.rank.of(tensor.kind).terms
    }

    private func reserve(_ pairs: Int) {
        guard pairs > pairCapacity else { return }
        pairCapacity = max(pairs, blockRows / 2 + 1)
        a = model.layout.tensors.map {
            Int8Rows(rows: pairCapacity * terms(of: $0), width: $0.rows)
        }
        b = model.layout.tensors.map {
            Int8Rows(rows: pairCapacity * terms(of: $0), width: $0.columns)
        }
        contextB = model.contexts.map { Int8Rows(rows: pairCapacity, width: $0.width) }
    }

    /// Adds the noise of the contexts of each row of the block, which their hashes name, to what a kernel reads of them.
    func perturb(_ read: inout egg_contexts, _ rows: egg_rows, _ contexts: BlockContexts) {
        guard let contextB else { return }
        model.kernel.table.pointee.sum_row_noise(
            rows, read.chosen.contexts, contexts.hashes.pointer, &rowNoise, UInt32(firstPair),
            contexts.noise.pointer)
        read.noise = UnsafePointer(contexts.noise.pointer)
        read.b = UnsafePointer(contextB.row(0))
        read.b_stride = contextB.stride
        read.shift = Int32(shape.vectorShift)
    }

    private func isPerturbed(_ id: Int) -> Bool { perturbsHead || id != model.layout.head }

    /// The noise of a tensor; none for a head that is not perturbed.
    func perturbation(_ id: Int) -> egg_perturbation {
        guard isPerturbed(id) else { return egg_perturbation() }
        let own = shape.of(model.layout.tensors[id].kind)
        return egg_perturbation(
            a: a[id].row(0), a_stride: a[id].stride, b: b[id].row(0), b_stride: b[id].stride,
            shift: Int32(own.matrixShift), rank: Int32(own.rank.terms))
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
