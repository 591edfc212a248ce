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

    /// Whether the tensor has one dimension.
    public var isVector: Bool { self == .gain || self == .bias }
}

/// One parameter tensor.
public struct ParameterSpec: Equatable, Sendable {
    /// The tensor's place in the layout, which names it in noise keys.
    public let id: Int
    /// The tensor's name in a checkpoint.
    public let name: String
    /// How the tensor acts.
    public let kind: ParameterKind
    /// The length of A: rows of a matrix, elements of a vector.
    public let rows: Int
    /// The length of B: columns of a matrix, elements of a vector.
    public let columns: Int

    /// [elements] of a vector, [rows, columns] of a matrix.
    public var shape: [Int] { kind.isVector ? [rows] : [rows, columns] }
    /// The number of weights.
    public var count: Int { kind.isVector ? rows : rows * columns }
}

/// The ids of one layer's tensors.
public struct LayerParameters: Sendable {
    /// The gain of the recurrence's normalisation, and gate and candidate: W [D][D], U [D][D] and b [D] of each.
    public let ln1, wf, uf, bf, wh, uh, bh: Int
    /// The gain of the MLP's normalisation [D], W1 [H][D] and W2 [D][H]; nil without an MLP.
    public let mlp: (ln2: Int, w1: Int, w2: Int)?
}

/// The tensors of a model in their fixed order, which noise keys and checkpoints follow.
public struct ParameterLayout: Sendable {
    /// The shape of the model.
    public let config: ModelConfig
    /// The tensors in order; the tensor of id i is at index i.
    public let tensors: [ParameterSpec]
    /// The id of the embedding. [V][D]
    public let embedding: Int
    /// The ids of each layer's tensors.
    public let layers: [LayerParameters]
    /// The id of the gain of the last normalisation. [D]
    public let lnOut: Int
    /// The id of the head. [V][D]
    public let head: Int

    /// Lays out the tensors of a shape.
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

    /// The number that the rows of contexts have as a tensor in the names of noise: they are no tensor of the layout.
    public var contextTensor: Int { tensors.count }

    /// The weights of all tensors together.
    public var parameterCount: Int { tensors.reduce(0) { $0 + $1.count } }
}
