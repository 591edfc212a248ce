import FixedPoint
import RecurrentLM

/// The normative forward pass of an antithetic pair with noise on its activations, in plain Swift.
///
/// Both members read the same token from the same state. At each site one gets +ξ and the other -ξ; the
/// state of the next token is the mean of what both made of it.
public struct ReferencePair: Sendable {
    /// What a token leaves for the credit: means over both members where nothing else is said.
    public struct Record: Sendable {
        /// The inputs of the matrices.
        public var inputs: [MatrixInput: [Int8]] = [:]
        /// The noise ξ, 0 at units of the MLP that are off in both members.
        public var noise: [ActivationSite: [Int8]] = [:]
        /// The state before the token, by layer.
        public var state: [[Int8]] = []
        /// The gate by layer, -127...127 for 0...254 of 256.
        public var openness: [[Int8]] = []
        /// Half of the candidate less the state, by layer.
        public var distance: [[Int8]] = []
        /// The logits of the first and of the second member. [2][V]
        public var logits: [[Int8]] = []
        /// The hashes of the token's contexts.
        public var contexts: [UInt32] = []
    }

    private let model: ReferenceModel
    /// The hidden state of the pair, one vector a layer. 127 = 1.0.
    public private(set) var state: [[Int8]]
    /// What the contexts need to know of the text.
    public private(set) var history = ContextHistory()

    private var config: ModelConfig { model.parameters.config }
    private var layout: ParameterLayout { model.parameters.layout }

    /// Makes a pair whose hidden state is 0.
    public init(_ parameters: Parameters) {
        model = ReferenceModel(parameters)
        state = model.state
    }

    /// Reads one token.
    /// - Parameters:
    ///   - token: The token. A separator resets the state before it is read.
    ///   - noise: It gives ξ of a site, or nil for a site without noise.
    /// - Returns: What the token leaves for the credit.
    public mutating func step(
        _ token: UInt8, noise: (ActivationSite) -> [Int8]?
    ) -> Record {
        if token == ModelConfig.separator { state = ReferenceModel.zeroState(config) }
        var record = Record()
        history.read(token)
        record.contexts = model.contextHashes(history)
        let embedded = model.withContexts(model.embedding(token), record.contexts)
        var x = [embedded, embedded]
        func perturb(_ site: ActivationSite, _ rows: inout [[Int8]]) {
            guard let change = noise(site) else { return }
            record.noise[site] = change
            rows = zip([1, -1] as [Int32], rows).map { sign, row in
                zip(row, change).map { clip(Int32($0) + sign * Int32($1)) }
            }
        }
        for (index, layer) in layout.layers.enumerated() {
            recurrence(&x, layer, index, &record)
            perturb(.state(layer: index), &x)
            guard let mlp = layer.mlp else { continue }
            let u = x.map { model.normalized($0, mlp.ln2) }
            record.inputs[.mlp(index)] = Self.mean(u)
            var inner = u.map { model.product(mlp.w1, $0) }
            perturb(.inner(layer: index), &inner)
            inner = inner.map(model.activated)
            record.inputs[.inner(index)] = Self.mean(inner)
            if config.mlp == .relu { record.silence(.inner(layer: index), where: inner) }
            x = zip(inner, x).map { model.clippedSum(model.product(mlp.w2, $0), $1) }
        }
        let u = x.map { model.normalized($0, layout.lnOut) }
        record.inputs[.head] = Self.mean(u)
        record.logits = u.map {
            model.withDirect(model.product(layout.head, $0), record.contexts)
        }
        return record
    }

    /// The minGRU half of a layer for both members; the state becomes their mean.
    private mutating func recurrence(
        _ x: inout [[Int8]], _ layer: LayerParameters, _ index: Int, _ record: inout Record
    ) {
        let before = state[index]
        let steps = x.map { model.recurrence($0, layer, before) }
        record.state.append(before)
        record.inputs[.layer(index)] = Self.mean(steps.map(\.input))
        record.inputs[.gated(index)] = Self.mean(steps.map(\.gated))
        record.openness.append(Self.mean(steps.map(\.gate)))
        record.distance.append(
            before.indices.map { i in
                let candidates = Int32(steps[0].candidate[i]) + Int32(steps[1].candidate[i])
                return Int8(floorShift(candidates - 2 * Int32(before[i]) + 2, by: 2))
            })
        x = zip(steps, x).map { model.clippedSum($0.state, $1) }
        state[index] = Self.mean(steps.map(\.state))
    }

    /// The mean of two rows: (a + b + 1) >> 1.
    private static func mean(_ rows: [[Int8]]) -> [Int8] {
        zip(rows[0], rows[1]).map { Int8(floorShift(Int32($0) + Int32($1) + 1, by: 1)) }
    }
}

extension ReferencePair.Record {
    /// Clears the noise of units that are off in both members.
    fileprivate mutating func silence(_ site: ActivationSite, where rows: [[Int8]]) {
        noise[site] = noise[site].map { noise in
            noise.indices.map { rows[0][$0] > 0 || rows[1][$0] > 0 ? noise[$0] : 0 }
        }
    }
}
