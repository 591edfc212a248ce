import RecurrentLM

// Model files of other tools, which have the tensors but not the metadata.
extension ModelCheckpoint {
    /// The tokenizer of a file that names none: a token is a byte.
    private static let foreignTokenizer = "bytes"

    /// What the tensors' shapes say, as ``read(_:)`` defines it. The config is not yet validated.
    static func described(
        by tensors: [String: SafetensorsTensor], path: String
    ) throws(SafetensorsError) -> Description {
        guard let embedding = tensors["emb"] else {
            throw SafetensorsError(
                path, .file, "has neither the metadata of this toolkit nor a tensor 'emb'",
                remedy: "use a model.safetensors that pretrain wrote")
        }
        guard embedding.shape.count == 2 else {
            throw .damaged(path, .tensor("emb"), "its shape is \(embedding.shape), not [V, D]")
        }
        // One above the range is enough for the validation to refuse it.
        let layers = (0...ModelConfig.layerRange.upperBound).prefix { layer in
            tensors["layers.\(layer).ln1"] != nil
        }
        let config = ModelConfig(
            vocabulary: embedding.shape[0], hidden: embedding.shape[1], layers: layers.count,
            mlpWidth: tensors["layers.0.W1"]?.shape.first ?? 0)
        return Description(config: config, tokenizer: foreignTokenizer, step: 0, seed: 0)
    }
}
