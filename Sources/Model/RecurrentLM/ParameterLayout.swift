/// How a parameter tensor acts, which decides how it is perturbed.
public enum ParameterKind: Sendable {
    /// Rows looked up by token: row t changes by A[t]·B.
    case embedding
    /// A product's weights [out][in]: changes by A⊗B.
    case matrix
    /// Gains of a normalisation: change by a·b, elementwise.
    case gain
    /// Biases: change by a·b, elementwise.
    case bias

    public var isVector: Bool { self == .gain || self == .bias }
}

/// One parameter tensor.
public struct ParameterSpec: Equatable, Sendable {
    /// Position in the layout; names the tensor in noise keys.
    public let id: Int
    /// Name in a checkpoint.
    public let name: String
    public let kind: ParameterKind
    /// Length of A: rows of a matrix, elements of a vector.
    public let rows: Int
    /// Length of B: columns of a matrix, elements of a vector.
    public let columns: Int

    public var shape: [Int] { kind.isVector ? [rows] : [rows, columns] }
    public var count: Int { kind.isVector ? rows : rows * columns }
}

/// The ids of one layer's tensors.
public struct LayerParameters: Sendable {
    public let ln1, wf, uf, bf, wh, uh, bh: Int
    /// ln2, w1, w2; nil without an MLP.
    public let mlp: (ln2: Int, w1: Int, w2: Int)?
}

/// The tensors of a model in their fixed order, which noise keys and checkpoints follow.
public struct ParameterLayout: Sendable {
    public let config: ModelConfig
    public let tensors: [ParameterSpec]
    public let embedding: Int
    public let layers: [LayerParameters]
    public let lnOut: Int
    public let head: Int

    public init(_ config: ModelConfig) {
        let hidden = config.hidden
        var tensors: [ParameterSpec] = []
        func add(_ name: String, _ kind: ParameterKind, _ rows: Int, _ columns: Int) -> Int {
            tensors.append(
                ParameterSpec(
                    id: tensors.count, name: name, kind: kind, rows: rows, columns: columns))
            return tensors.count - 1
        }
        func layer(_ index: Int) -> LayerParameters {
            func square(_ name: String) -> Int {
                add("layers.\(index).\(name)", .matrix, hidden, hidden)
            }
            func vector(_ name: String, _ kind: ParameterKind) -> Int {
                add("layers.\(index).\(name)", kind, hidden, hidden)
            }
            let ln1 = vector("ln1", .gain)
            let (wf, uf, bf) = (square("Wf"), square("Uf"), vector("bf", .bias))
            let (wh, uh, bh) = (square("Wh"), square("Uh"), vector("bh", .bias))
            var mlp: (ln2: Int, w1: Int, w2: Int)?
            if config.mlpWidth > 0 {
                let ln2 = vector("ln2", .gain)
                let w1 = add("layers.\(index).W1", .matrix, config.mlpWidth, hidden)
                let w2 = add("layers.\(index).W2", .matrix, hidden, config.mlpWidth)
                mlp = (ln2, w1, w2)
            }
            return LayerParameters(
                ln1: ln1, wf: wf, uf: uf, bf: bf, wh: wh, uh: uh, bh: bh, mlp: mlp)
        }
        self.config = config
        embedding = add("emb", .embedding, config.vocabulary, hidden)
        layers = (0..<config.layers).map(layer)
        lnOut = add("lnOut", .gain, hidden, hidden)
        head = add("head", .matrix, config.vocabulary, hidden)
        self.tensors = tensors
    }

    /// Weights of all tensors together.
    public var parameterCount: Int { tensors.reduce(0) { $0 + $1.count } }
}
