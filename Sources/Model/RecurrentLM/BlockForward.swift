import CKernels
import FixedPoint
import IntegerTensor

/// The batched forward pass of a block of rows: population members, or streams of the clean model.
///
/// The rows of a block are the rows of every matrix product. A row carries the noise of one pair
/// with one sign; several rows may share a pair. One object belongs to one thread; `begin` comes
/// first, then `step` for each token of the segment.
public final class BlockForward {
    let model: PreparedModel
    private let kernel: UnsafePointer<egg_kernel>
    private let noise: BlockNoise
    private let rowPairs: AlignedBuffer<Int32>
    private let rowSigns: AlignedBuffer<Int32>
    private let products: AlignedBuffer<egg_product>
    private let scratch: AlignedBuffer<UInt8>
    /// The activations: x, u and the parts of sums [capacity][D], inner [capacity][H].
    private let x, u, fromInput, fromState, f, gated, inner: Int8Rows
    private let contexts: BlockContexts
    /// The logits of the last step. [capacity][V]
    private let logits: Int8Rows
    private var rows = egg_rows()
    /// The number of groups in a block of groups, and the pairs of rows of each; 0 in other blocks.
    private var groups = 0
    private var pairs = 0
    private var perturbed = false
    private var states: HiddenStates
    private var firstState = 0
    /// A probe that looks at every step; nil for none. It is not retained.
    public weak var probe: (any ForwardProbe)?

    /// Makes the arrays of a block; `begin` must come before its first step.
    /// - Parameters:
    ///   - model: The weights, packed for a kernel.
    ///   - capacity: The rows that a block may hold.
    public init(model: PreparedModel, capacity: Int) {
        let config = model.config
        self.model = model
        kernel = model.kernel.table
        noise = BlockNoise(model: model, rows: capacity)
        rowPairs = AlignedBuffer(count: capacity)
        rowSigns = AlignedBuffer(count: capacity)
        products = AlignedBuffer(count: model.layout.tensors.count)
        func activations(_ width: Int) -> Int8Rows { Int8Rows(rows: capacity, width: width) }
        x = activations(config.hidden)
        u = activations(config.hidden)
        fromInput = activations(config.hidden)
        fromState = activations(config.hidden)
        f = activations(config.hidden)
        gated = activations(config.hidden)
        inner = activations(config.mlpWidth)
        logits = activations(config.vocabulary)
        contexts = BlockContexts(config, capacity: capacity)
        states = HiddenStates(rows: 0, config: config)
        let bytes = model.layout.tensors.map { tensor in
            model.kernel.table.pointee.product_scratch(Int32(capacity), Int32(tensor.columns))
        }
        scratch = AlignedBuffer(count: bytes.max() ?? 0)
    }

    /// Begins a block of rows of the clean model, whose states begin at row `firstState` of `states`.
    public func begin(rows count: Int, states: HiddenStates, firstState: Int) {
        perturbed = false
        bind(rows: count, states: states, firstState: firstState)
    }

    /// Begins a block of perturbed rows: rows first..<first + count of a population in which each member has
    /// `sequences` rows, row r belonging to member r / sequences and member m to the pair
    /// m / membersPerPair, with sign +1 where that leaves no remainder. The head has noise only where `perturbsHead`
    /// says so.
    public func begin(
        rows range: Range<Int>, sequences: Int, membersPerPair: Int = 2,
        source: some PerturbationSource, shape: NoiseShape, perturbsHead: Bool = true,
        states: HiddenStates, firstState: Int? = nil
    ) {
        let rowsPerPair = membersPerPair * sequences
        let firstPair = range.lowerBound / rowsPerPair
        for (index, row) in range.enumerated() {
            rowPairs.pointer[index] = Int32(row / rowsPerPair - firstPair)
            rowSigns.pointer[index] = row / sequences % membersPerPair == 0 ? 1 : -1
        }
        let lastPair = (range.upperBound - 1) / rowsPerPair
        perturbed = true
        noise.fill(
            pairs: firstPair...lastPair, source: source, shape: shape,
            perturbsHead: perturbsHead)
        bind(rows: range.count, states: states, firstState: firstState ?? range.lowerBound)
        noise.perturbVectors(rows)
    }

    /// Begins a block of groups of rows of the clean model that read the same token from the same state.
    ///
    /// Up to the new state of the first layer group g has one row, g. From it `pairs` pairs of rows continue, pair p in
    /// rows 2·(p·`groups` + g) and the next, and what a ``probe`` does to one row is not done to another. So of the
    /// first layer `states` has one row a group, of the other layers one for each row. `step` reads a token a group;
    /// the caller resets the states at separators.
    public func begin(groups: Int, pairs: Int, states: HiddenStates) {
        perturbed = false
        bind(rows: 2 * groups * pairs, states: states, firstState: 0)
        self.groups = groups
        self.pairs = pairs
    }

    /// Whether each row stands for all rows of its group, as in a block of groups up to the first layer's new state.
    public var hasRowPerGroup: Bool { groups > 0 && Int(rows.count) == groups }

    private func bind(rows count: Int, states: HiddenStates, firstState: Int) {
        groups = 0
        rows = egg_rows(count: Int32(count), pair: rowPairs.pointer, sign: rowSigns.pointer)
        self.states = states
        self.firstState = firstState
        for (index, layer) in model.layout.layers.enumerated() {
            bind(layer.wf, from: u.input(), to: fromInput)
            bind(layer.uf, from: state(index), to: fromState)
            bind(layer.wh, from: u.input(), to: fromInput)
            bind(layer.uh, from: gated.input(), to: fromState)
            guard let mlp = layer.mlp else { continue }
            bind(mlp.w1, from: u.input(), to: inner)
            bind(mlp.w2, from: inner.input(), to: fromInput)
        }
        bind(model.layout.head, from: u.input(), to: logits)
    }

    private func bind(_ id: Int, from input: egg_const_rows, to output: Int8Rows) {
        let tensor = model.layout.tensors[id]
        products.pointer[id] = egg_product(
            inputs: Int32(tensor.columns), outputs: Int32(tensor.rows),
            root: Int32(integerSquareRoot(UInt32(tensor.columns))),
            weights: model.matrices[id]?.pointer, x: input.data, x_stride: input.stride,
            out: output.row(0), out_stride: output.stride,
            noise: perturbed ? noise.perturbation(id) : egg_perturbation())
    }

    private func state(_ layer: Int) -> egg_const_rows {
        egg_const_rows(
            data: states.pointer(row: firstState, layer: layer), stride: states.rowStride)
    }

    private func mutableState(_ layer: Int) -> egg_out_rows {
        egg_out_rows(
            data: states.pointer(row: firstState, layer: layer), stride: states.rowStride)
    }

    // MARK: Steps

    /// Reads one token a row (token of row r at `tokens[r·stride]`) and leaves the logits of the next.
    public func step(_ tokens: UnsafePointer<UInt8>, stride: Int) {
        if groups > 0 {
            rows.count = Int32(groups)
        } else {
            resetStates(tokens, stride: stride)
        }
        let hidden = Int32(model.config.hidden)
        var embeddingNoise =
            perturbed ? noise.perturbation(model.layout.embedding) : egg_perturbation()
        kernel.pointee.embed(
            rows, hidden, model.rows[model.layout.embedding]?.row(0), tokens, stride,
            &embeddingNoise, x.output())
        if let table = model.contexts { add(table, tokens, stride: stride) }
        let probe = probe
        probe?.reached(.embedding, x)
        for (index, layer) in model.layout.layers.enumerated() {
            normalize(layer.ln1)
            recurrence(layer, index, probe)
            if let mlp = layer.mlp { feedForward(mlp, index, probe) }
        }
        normalize(model.layout.lnOut)
        probe?.willRead(.head, u)
        multiply(model.layout.head)
        if let table = model.direct { addDirect(table) }
        probe?.reached(.logits, logits)
    }

    /// The hashes of the contexts in the last step: those of each row, or of each group. [rows][contexts]
    public var lastContextHashes: UnsafePointer<UInt32> { UnsafePointer(contexts.hashes.pointer) }

    /// Adds the rows of the contexts to x.
    private func add(_ table: ContextTable, _ tokens: UnsafePointer<UInt8>, stride: Int) {
        let count = Int(rows.count)
        contexts.read(
            tokens, stride: stride, count: count, states.histories.pointer + firstState)
        var read = egg_contexts(
            chosen: contexts.rows(of: table, count: count), noise: nil, b: nil, b_stride: 0,
            shift: 0)
        if perturbed { noise.perturb(&read, rows, contexts) }
        kernel.pointee.add_contexts(rows, Int32(table.width), &read, x.output())
    }

    /// Adds the rows of direct connections to the logits, whose largest then becomes 127.
    private func addDirect(_ table: ContextTable) {
        var chosen = contexts.rows(of: table, count: groups > 0 ? groups : Int(rows.count))
        kernel.pointee.add_direct(
            rows.count, Int32(groups), Int32(model.config.vocabulary), &chosen, logits.output())
    }

    private func resetStates(_ tokens: UnsafePointer<UInt8>, stride: Int) {
        for row in 0..<Int(rows.count) where tokens[row &* stride] == ModelConfig.separator {
            states.reset(row: firstState + row)
        }
    }

    private func recurrence(
        _ layer: LayerParameters, _ index: Int, _ probe: (any ForwardProbe)?
    ) {
        let hidden = Int32(model.config.hidden)
        probe?.willRead(.layer(index), u)
        multiply(layer.wf)
        multiply(layer.uf)
        kernel.pointee.gate(
            rows.count, hidden, fromInput.input(), fromState.input(), vector(layer.bf),
            model.gateTable?.pointer, state(index), f.output(), gated.output())
        probe?.willRead(.gated(index), gated)
        multiply(layer.wh)
        multiply(layer.uh)
        probe?.willMove(
            GateParts(
                layer: index, f: f.input(), fromInput: fromInput.input(),
                fromState: fromState.input(), bias: vector(layer.bh)))
        kernel.pointee.update_state(
            rows.count, hidden, fromInput.input(), fromState.input(), vector(layer.bh),
            f.input(), mutableState(index), x.output())
        if groups > 0, index == 0 { continueAsPairs() }
        probe?.reached(.state(layer: index), x)
    }

    /// Lets the pairs of rows of each group continue from its one row of x.
    private func continueAsPairs() {
        u.row(0).update(from: x.row(0), count: groups * x.stride)
        for pair in 0..<pairs {
            kernel.pointee.spread(
                Int32(groups), Int32(model.config.hidden), u.input(),
                x.output(from: 2 * pair * groups))
        }
        rows.count = Int32(2 * groups * pairs)
    }

    private func feedForward(
        _ mlp: (ln2: Int, w1: Int, w2: Int), _ index: Int, _ probe: (any ForwardProbe)?
    ) {
        normalize(mlp.ln2)
        probe?.willRead(.mlp(index), u)
        multiply(mlp.w1)
        probe?.reached(.inner(layer: index), inner)
        if model.config.mlp == .relu {
            kernel.pointee.rectify(rows.count, Int32(model.config.mlpWidth), inner.output())
        }
        probe?.willRead(.inner(index), inner)
        multiply(mlp.w2)
        kernel.pointee.add(
            rows.count, Int32(model.config.hidden), fromInput.input(), x.output())
        probe?.reached(.output(layer: index), x)
    }

    private func multiply(_ id: Int) {
        kernel.pointee.product(products.pointer + id, rows, scratch.pointer)
    }

    private func normalize(_ gain: Int) {
        kernel.pointee.normalize(
            rows.count, Int32(model.config.hidden), x.input(), vector(gain), u.output())
    }

    /// A gain or bias as each row sees it.
    private func vector(_ id: Int) -> egg_const_rows {
        if perturbed { return noise.vector(id) }
        return model.rows[id]?.repeated() ?? egg_const_rows()
    }

    // MARK: Likelihoods

    /// Adds each row's log-likelihood of its target to `scores`, in the prepared model's resolution.
    public func addLogLikelihood(
        _ targets: UnsafePointer<UInt8>, stride: Int, to scores: UnsafeMutablePointer<Int32>
    ) {
        model.addLogLikelihood(
            rows: Int(rows.count), logits.input(), targets, stride: stride, to: scores)
    }

    /// What the head read in the last step. [rows][D]
    public var headInput: Int8Rows { u }

    /// Writes the error onehot - p of each row's logits, 126 = 1, rounded up or down by a byte of dither a row. [rows][V]
    public func writeErrors(
        targets: UnsafePointer<UInt8>, dither: UnsafePointer<UInt8>, into errors: Int8Rows
    ) {
        for row in 0..<Int(rows.count) {
            // The kernel takes the mean over a pair of rows; a stride of 0 makes both the same.
            kernel.pointee.softmax_error(
                1, Int32(model.config.vocabulary),
                egg_const_rows(data: logits.row(row), stride: 0), targets + row, dither + row,
                errors.output(from: row))
        }
    }

    /// The loss of a row's target in bits with 32 fraction bits, exact to 2^-28.
    public func exactLoss(row: Int, target: UInt8) -> Int64 {
        let sum = egg_fine_sum(
            logits.row(row), Int32(model.config.vocabulary), model.lossTables.pointer)
        return ExactLoss.bitsQ32(fineSum: sum, target: Int(logits.row(row)[Int(target)]) + 128)
    }

    /// The logits of a row after the last step. [V]
    public func logits(row: Int) -> [Int8] { logits.values(row: row) }
}
