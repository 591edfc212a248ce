import SeededNoise

/// The Int8 weights of a model, one array a tensor in the layout's order. 16 = 1.0.
public struct Parameters: Sendable {
    /// The tensors that the values belong to.
    public let layout: ParameterLayout
    /// The weights by tensor id, row-major without padding.
    public var values: [[Int8]]
    /// The rows that contexts add to the input of the recurrence; nil without contexts. Copies share them.
    public let contexts: ContextTable?
    /// The rows that contexts add to the logits; nil without direct connections. Copies share them.
    public let direct: ContextTable?

    /// The shape of the model.
    public var config: ModelConfig { layout.config }

    /// Makes initial values: matrices round(σ·N(0,1)) from `seed`, gains 16 (1.0), biases and the rows of
    /// contexts 0.
    public init(config: ModelConfig, seed: UInt64, scales: InitialScales = InitialScales()) {
        let layout = ParameterLayout(config)
        self.layout = layout
        contexts = .inputs(config)
        direct = .logits(config)
        values = layout.tensors.map { tensor in
            switch tensor.kind {
            case .gain: return [Int8](repeating: 16, count: tensor.count)
            case .bias: return [Int8](repeating: 0, count: tensor.count)
            case .matrix, .embedding:
                let deviation = scales.deviation(of: tensor, in: layout)
                return NoiseKey(seed: seed, domain: .initialWeights, stream: UInt32(tensor.id))
                    .normals(count: tensor.count).map { scales.scaled($0, to: deviation) }
            }
        }
    }

    /// Takes weights from elsewhere. The rows of contexts are those of the tables, or 0 without them.
    /// - Throws: ``ModelError`` naming the tensor whose count differs from the layout's or that holds
    ///   the invalid value -128.
    public init(
        config: ModelConfig, values: [[Int8]], contexts: ContextTable? = nil,
        direct: ContextTable? = nil
    ) throws(ModelError) {
        layout = ParameterLayout(config)
        for tensor in layout.tensors {
            guard tensor.id < values.count, values[tensor.id].count == tensor.count else {
                throw ModelError(
                    tensor.name, "its size does not fit the model",
                    remedy: "use the config that the weights were made with")
            }
            if values[tensor.id].contains(-128) {
                throw ModelError(
                    tensor.name, "holds -128, which is not a valid weight",
                    remedy: "the file is damaged or of another program")
            }
        }
        self.values = values
        self.contexts = contexts ?? .inputs(config)
        self.direct = direct ?? .logits(config)
    }
}
