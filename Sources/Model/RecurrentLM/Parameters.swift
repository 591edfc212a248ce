import SeededNoise

/// The Int8 weights of a model, one array a tensor in the layout's order. 16 = 1.0.
public struct Parameters: Sendable {
    /// The tensors that the values belong to.
    public let layout: ParameterLayout
    /// The weights by tensor id, row-major without padding.
    public var values: [[Int8]]

    /// The shape of the model.
    public var config: ModelConfig { layout.config }

    /// Makes initial values: matrices round(σ·N(0,1)) from `seed`, gains 16 (1.0), biases 0.
    public init(config: ModelConfig, seed: UInt64, scales: InitialScales = InitialScales()) {
        let layout = ParameterLayout(config)
        self.layout = layout
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

    /// Takes weights from elsewhere.
    /// - Throws: ``ModelError`` naming the tensor whose count differs from the layout's or that holds
    ///   the invalid value -128.
    public init(config: ModelConfig, values: [[Int8]]) throws(ModelError) {
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
    }
}
