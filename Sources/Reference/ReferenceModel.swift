import FixedPoint
import RecurrentLM

/// The noise of one member, for every tensor of the layout.
public struct MemberNoise: Sendable {
    /// +1 for the first member of a pair, -1 for the second.
    public var sign: Int32
    /// The rank and the deviation of the noise.
    public var shape: NoiseShape
    /// The factors A by tensor id, ``ParameterSpec/rows`` elements for each term. 16 = 1 sigma.
    public var a: [[Int8]]
    /// The factors B by tensor id, ``ParameterSpec/columns`` elements for each term. 16 = 1 sigma.
    public var b: [[Int8]]
    /// A and B of the rows of contexts: A by the hash of the context, B [D]; nil without contexts.
    public var contexts: (a: @Sendable (_ hash: UInt32) -> Int8, b: [Int8])?

    /// Makes the noise of a member from its factors.
    public init(
        sign: Int32, shape: NoiseShape, a: [[Int8]], b: [[Int8]],
        contexts: (a: @Sendable (_ hash: UInt32) -> Int8, b: [Int8])? = nil
    ) {
        self.contexts = contexts
        self.sign = sign
        self.shape = shape
        self.a = a
        self.b = b
    }

    /// Makes the noise of member 2·pair (sign +1) or 2·pair + 1 (sign -1) from any source.
    public init(
        layout: ParameterLayout, source: some PerturbationSource, pair: Int, sign: Int32,
        shape: NoiseShape
    ) {
        func vector(
            _ tensor: Int, _ side: PerturbationSide, _ count: Int, term: Int = 0
        ) -> [Int8] {
            [Int8](unsafeUninitializedCapacity: count) { buffer, initialized in
                initialized = buffer.count
                guard let base = buffer.baseAddress else { return }
                source.fill(
                    base, tensor: tensor, side: side, pair: pair, term: term, first: 0,
                    count: initialized)
            }
        }
        func factors(_ tensor: ParameterSpec, _ side: PerturbationSide, _ count: Int) -> [Int8] {
            (0..<shape.rank.of(tensor.kind).terms).flatMap {
                vector(tensor.id, side, count, term: $0)
            }
        }
        let rowNoise = source.rowNoise
        self.init(
            sign: sign, shape: shape, a: layout.tensors.map { factors($0, .a, $0.rows) },
            b: layout.tensors.map { factors($0, .b, $0.columns) },
            contexts: layout.config.contexts.isEmpty
                ? nil
                : (
                    { rowNoise.normal(context: $0, index: UInt32(pair)) },
                    vector(layout.contextTensor, .b, ContextTable.inputWidth(layout.config))
                ))
    }
}

/// The normative forward pass: one member, one token at a time, in plain Swift.
///
/// Every faster path is tested to equal this one exactly. The operations are those of arXiv
/// 2511.16652, appendix G; shapes: x, u, s [D], logits [V].
public struct ReferenceModel: Sendable {
    /// The weights, without noise.
    public let parameters: Parameters
    /// The noise of the member; nil for the clean model.
    public var noise: MemberNoise?
    /// The hidden state, one vector a layer. 127 = 1.0.
    public private(set) var state: [[Int8]]
    /// What the contexts need to know of the text.
    public private(set) var history = ContextHistory()
    /// What the head read in the last step; empty before the first. [D]
    public private(set) var headInput: [Int8] = []

    private var layout: ParameterLayout { parameters.layout }
    private var config: ModelConfig { parameters.config }

    /// Makes a member whose hidden state is 0.
    public init(
        _ parameters: Parameters, noise: MemberNoise? = nil, state: [[Int8]]? = nil
    ) {
        self.parameters = parameters
        self.noise = noise
        self.state = state ?? Self.zeroState(parameters.config)
    }

    static func zeroState(_ config: ModelConfig) -> [[Int8]] {
        Array(repeating: [Int8](repeating: 0, count: config.hidden), count: config.layers)
    }

    /// Reads one token; returns the logits of the next. Token 0 separates documents: the state is
    /// reset before it is read.
    public mutating func step(_ token: UInt8) -> [Int8] {
        if token == ModelConfig.separator { state = Self.zeroState(config) }
        history.read(token)
        let contexts = contextHashes(history)
        var x = withContexts(embedding(token), contexts)
        for (index, layer) in layout.layers.enumerated() {
            x = recurrence(x, layer, &state[index])
            if let mlp = layer.mlp {
                let inner = activated(product(mlp.w1, normalized(x, mlp.ln2)))
                x = clippedSum(product(mlp.w2, inner), x)
            }
        }
        headInput = normalized(x, layout.lnOut)
        return withDirect(product(layout.head, headInput), contexts)
    }

    /// The minGRU half of a layer; returns clip(s + x) and moves the state s.
    private func recurrence(_ x: [Int8], _ layer: LayerParameters, _ s: inout [Int8]) -> [Int8] {
        s = recurrence(x, layer, s).state
        return clippedSum(s, x)
    }

    /// What the minGRU half of a layer computes. Each vector is [D].
    struct Recurrence {
        /// The normalised input u.
        let input: [Int8]
        /// The gate f, the gated state, the candidate h and the new state.
        let gate, gated, candidate, state: [Int8]
    }

    /// The minGRU half of a layer, from the state s.
    func recurrence(_ x: [Int8], _ layer: LayerParameters, _ s: [Int8]) -> Recurrence {
        let u = normalized(x, layer.ln1)
        let f = lookedUp(
            clippedSum(product(layer.wf, u), product(layer.uf, s), vector(layer.bf)),
            config.gate.table)
        // Gate on the scale 0...254 of 256.
        let gated = zip(f, s).map { f, s in
            Int8(floorShift((Int32(f) + 127) * Int32(s), by: 8))
        }
        let h = clippedSum(product(layer.wh, u), product(layer.uh, gated), vector(layer.bh))
        let state = s.indices.map { i in
            let distance = Int32(h[i]) - Int32(s[i])
            return Int8(Int32(s[i]) + floorShift((Int32(f[i]) + 127) * distance, by: 8))
        }
        return Recurrence(input: u, gate: f, gated: gated, candidate: h, state: state)
    }

    // MARK: Operations

    /// A product with noise: clip(floor((x·Wᵀ + ((sign·Σ_k (x·B_k)·A_k) >> matrixShift)) / (16·⌊√n⌋))).
    func product(_ id: Int, _ x: [Int8]) -> [Int8] {
        let weights = parameters.values[id]
        let inputs = x.count
        let divisor = 16 * Int32(integerSquareRoot(UInt32(inputs)))
        let outputs = layout.tensors[id].rows
        let alongB = noise.map { noise in
            (0..<noise.shape.rank.terms).map { k in
                Int64(noise.sign)
                    * Int64(dot(x[...], noise.b[id][k * inputs..<(k + 1) * inputs]))
            }
        }
        return (0..<outputs).map { row in
            var sum = dot(x[...], weights[row * inputs..<(row + 1) * inputs])
            if let noise, let alongB {
                let along = alongB.indices.reduce(Int64(0)) { sum, k in
                    sum + alongB[k] * Int64(noise.a[id][k * outputs + row])
                }
                sum += Int32(floorShift(along, by: noise.shape.matrixShift))
            }
            return clip(floorDivide(sum, by: divisor))
        }
    }

    /// The dot product; |Σ| <= inputs·127², below 2^28 for 16383 inputs.
    private func dot(_ x: ArraySlice<Int8>, _ w: ArraySlice<Int8>) -> Int32 {
        zip(x, w).reduce(0) { $0 + Int32($1.0) * Int32($1.1) }
    }

    /// The row of a token with noise: clip(emb[t] + ((sign·Σ_k A_k[t]·B_k) >> matrixShift)).
    func embedding(_ token: UInt8) -> [Int8] {
        let width = config.hidden
        let row = parameters.values[layout.embedding][Int(token) * width..<(Int(token) + 1) * width]
        guard let noise else { return Array(row) }
        let (a, b) = (noise.a[layout.embedding], noise.b[layout.embedding])
        let tokens = layout.tensors[layout.embedding].rows
        return row.enumerated().map { i, weight in
            let along = (0..<noise.shape.rank.terms).reduce(Int32(0)) { sum, k in
                sum + Int32(a[k * tokens + Int(token)]) * Int32(b[k * width + i])
            }
            return clip(
                Int32(weight) + floorShift(noise.sign * along, by: noise.shape.matrixShift))
        }
    }

    /// The hashes of a text's contexts.
    func contextHashes(_ history: ContextHistory) -> [UInt32] {
        config.contexts.map { history.hash($0) }
    }

    /// The input of the recurrence: clip(x_i + 2·Σ_k E[row of k]_i) for the units that rows have, with noise
    /// + ((sign·(Σ_k A[k])·B_i) >> (4 + sigmaShift)) within the clip; x itself without contexts.
    func withContexts(_ x: [Int8], _ contexts: [UInt32]) -> [Int8] {
        guard let table = parameters.contexts else { return x }
        var sums = Self.sum(of: contexts, table).map { ContextTable.inputScale * $0 }
        if let noise, let (a, b) = noise.contexts {
            let along = contexts.reduce(Int32(0)) { $0 + Int32(a($1)) } * noise.sign
            sums = zip(sums, b).map {
                $0 + floorShift(along * Int32($1), by: noise.shape.vectorShift)
            }
        }
        return zip(x, sums).map { clip(Int32($0) + $1) } + x[sums.count...]
    }

    /// The logits clip(z - max z + 127), z = y + Σ_k H[row of k]; y itself without direct connections.
    func withDirect(_ y: [Int8], _ contexts: [UInt32]) -> [Int8] {
        guard let table = parameters.direct else { return y }
        let z = zip(y, Self.sum(of: contexts, table)).map { Int32($0) + $1 }
        let most = z.max() ?? 0
        return z.map { clip($0 - most + 127) }
    }

    /// The sum of the weights of the rows that some contexts own.
    private static func sum(of contexts: [UInt32], _ table: ContextTable) -> [Int32] {
        contexts.reduce(into: [Int32](repeating: 0, count: table.width)) { sums, hash in
            guard let row = row(of: hash, table) else { return }
            for (i, weight) in table.weights(row: row).enumerated() { sums[i] += Int32(weight) }
        }
    }

    /// The row of a context: of the four rows of its bucket, which the top bits of its hash choose, the first whose tag is
    /// the lowest byte of the hash, or 1 where that is 0.
    private static func row(of hash: UInt32, _ table: ContextTable) -> Int? {
        let first = Int((UInt64(hash) * UInt64(table.rows / 4)) >> 32) * 4
        let byte = UInt8(hash % 256)
        return (first..<first + 4).first { table.tag(row: $0) == (byte == 0 ? 1 : byte) }
    }

    /// A gain or bias vector with noise: clip(w + ((sign·a·b) >> (4 + sigmaShift))).
    private func vector(_ id: Int) -> [Int8] {
        let values = parameters.values[id]
        guard let noise else { return values }
        return values.indices.map { i in
            let change = noise.sign * Int32(noise.a[id][i]) * Int32(noise.b[id][i])
            return clip(Int32(values[i]) + floorShift(change, by: noise.shape.vectorShift))
        }
    }

    /// The normalised vector: out_i = clip(floor(x_i·g_i / m)), m = max(1, (Σ|x_i|) / D).
    func normalized(_ x: [Int8], _ gain: Int) -> [Int8] {
        let sum = x.reduce(Int32(0)) { $0 + abs(Int32($1)) }
        let mean = max(1, sum / Int32(x.count))
        return zip(x, vector(gain)).map { x, g in
            clip(floorDivide(Int32(x) * Int32(g), by: mean))
        }
    }

    func activated(_ x: [Int8]) -> [Int8] {
        config.mlp == .relu ? x.map { max(0, $0) } : x
    }

    private func lookedUp(_ x: [Int8], _ table: [Int8]?) -> [Int8] {
        guard let table else { return x }
        return x.map { table[Int($0) + 128] }
    }

    func clippedSum(_ parts: [Int8]...) -> [Int8] {
        parts[0].indices.map { i in clip(parts.reduce(0) { $0 + Int32($1[i]) }) }
    }

    // MARK: Likelihood

    /// The log-likelihood y[target] - LOG2(Σ_v EXP2[y_v]) with y = logit + 128, in the fraction bits of `loss`.
    public static func logLikelihood(
        _ logits: [Int8], target: UInt8, loss: LossResolution = .sixteenth
    ) -> Int32 {
        let sum = logits.reduce(UInt32(0)) { sum, logit in
            sum + UInt32(LikelihoodTables.exp2[Int(logit) + 128])
        }
        let y = Int32(logits[Int(target)]) + 128
        return switch loss {
        case .sixteenth: y - LikelihoodTables.log2(sum)
        case .fine: (y << 6) - floorShift(LikelihoodTables.fineLog2(sum), by: 2)
        }
    }
}
