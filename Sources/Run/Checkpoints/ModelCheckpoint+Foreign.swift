import RecurrentLM

// Model files of other tools, which have the tensors and perhaps a part of the metadata.
extension ModelCheckpoint {
    /// The tokenizer of 256 tokens: each is a byte.
    private static let byteTokenizer = (name: "bytes", vocabulary: 256)

    /// What the shapes, the metadata that are there and the caller say, as ``read(_:functions:)`` defines it. The
    /// config is not yet validated.
    static func described(
        by tensors: [String: SafetensorsTensor], metadata: SafetensorsMetadata,
        functions: ModelFunctions, path: String
    ) throws(SafetensorsError) -> Description {
        var sizes = try sizes(of: tensors, path: path)
        let entries = MetadataReader(metadata: metadata, path: path)
        try readContexts(of: &sizes, from: entries)
        if sizes.contexts.isEmpty, tensors[ContextTable.inputName] != nil {
            throw SafetensorsError(
                path, .metadata,
                "does not say '\(Key.contexts)', '\(Key.contextRows)' and '\(Key.contextHash)', which the tensor"
                    + " '\(ContextTable.inputName)' needs",
                remedy: "use the file that pretrain wrote")
        }
        let config = try functions.completing(sizes, from: entries)
        return Description(
            config: config, tokenizer: try tokenizer(config, entries),
            step: metadata[Key.step].flatMap { Int($0) }.map { max(0, $0) } ?? 0,
            seed: metadata[Key.seed].flatMap { UInt64($0) } ?? 0)
    }

    private static func sizes(
        of tensors: [String: SafetensorsTensor], path: String
    ) throws(SafetensorsError) -> ModelConfig {
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
        return ModelConfig(
            vocabulary: embedding.shape[0], hidden: embedding.shape[1], layers: layers.count,
            mlpWidth: tensors["layers.0.W1"]?.shape.first ?? 0)
    }

    private static func tokenizer(
        _ config: ModelConfig, _ entries: MetadataReader
    ) throws(SafetensorsError) -> String {
        if entries.metadata[Key.tokenizer] == nil,
            config.vocabulary == byteTokenizer.vocabulary
        {
            return byteTokenizer.name
        }
        return try entries.text(Key.tokenizer)
    }
}
