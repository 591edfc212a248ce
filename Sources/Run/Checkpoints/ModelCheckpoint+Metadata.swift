import RecurrentLM

// What a model file says about its model, as text by key.
extension ModelCheckpoint {
    static let format = "swift-egg"
    static let formatVersion = 1
    static let contextHash = 2

    enum Key {
        static let format = "format"
        static let formatVersion = "format_version"
        static let vocabulary = "vocabulary"
        static let hidden = "hidden"
        static let layers = "layers"
        static let mlpWidth = "mlp_width"
        static let gate = "gate"
        /// Files of earlier versions name a function of the candidate, which could be another than the identity.
        static let candidate = "candidate"
        static let mlp = "mlp"
        static let contexts = "contexts"
        static let contextRows = "context_rows"
        /// `true` for a model with direct connections; without them there is no entry.
        static let direct = "direct"
        /// How contexts find their rows: files of another number cannot be read.
        static let contextHash = "context_hash"
        static let tokenizer = "tokenizer"
        static let step = "step"
        static let seed = "seed"
    }

    /// What a file says of its model: everything but the weights.
    struct Description {
        let config: ModelConfig
        let tokenizer: String
        let step: Int
        let seed: UInt64
    }

    /// The entries that ``write(to:)`` puts into the file: `format` (`swift-egg`), `format_version`,
    /// the config (`vocabulary`, `hidden`, `layers`, `mlp_width`, `gate`, `mlp`),
    /// `tokenizer`, `step` and `seed`, numbers in decimal; for a model with contexts also `contexts` (their names
    /// divided by commas), `context_rows` and `context_hash`, and with direct connections `direct` (`true`).
    var metadata: SafetensorsMetadata {
        let config = parameters.config
        var metadata: SafetensorsMetadata = [
            Key.format: Self.format,
            Key.formatVersion: "\(Self.formatVersion)",
            Key.vocabulary: "\(config.vocabulary)",
            Key.hidden: "\(config.hidden)",
            Key.layers: "\(config.layers)",
            Key.mlpWidth: "\(config.mlpWidth)",
            Key.gate: config.gate.rawValue,
            Key.mlp: config.mlp.rawValue,
            Key.tokenizer: tokenizer,
            Key.step: "\(step)",
            Key.seed: "\(seed)",
        ]
        if !config.contexts.isEmpty {
            metadata[Key.contexts] = config.contexts.list
            metadata[Key.contextRows] = "\(config.contextRows)"
            metadata[Key.contextHash] = "\(Self.contextHash)"
            if config.direct { metadata[Key.direct] = "\(true)" }
        }
        return metadata
    }

    static func hasOwnFormat(_ metadata: SafetensorsMetadata) -> Bool {
        metadata[Key.format] == format
    }

    /// What the metadata of this toolkit say. The config is not yet validated.
    static func described(
        by metadata: SafetensorsMetadata, functions: ModelFunctions, path: String
    ) throws(SafetensorsError) -> Description {
        let entries = MetadataReader(metadata: metadata, path: path)
        let version = try entries.number(Key.formatVersion, Int.self)
        guard version == formatVersion else {
            throw SafetensorsError(
                path, .metadata,
                "its format version is \(version), and this program reads \(formatVersion)",
                remedy: "use the version of the toolkit that wrote it")
        }
        var sizes = ModelConfig(
            vocabulary: try entries.number(Key.vocabulary, Int.self),
            hidden: try entries.number(Key.hidden, Int.self),
            layers: try entries.number(Key.layers, Int.self),
            mlpWidth: try entries.number(Key.mlpWidth, Int.self))
        try readContexts(of: &sizes, from: entries)
        let config = try functions.completing(sizes, from: entries)
        return Description(
            config: config, tokenizer: try entries.text(Key.tokenizer),
            step: try entries.number(Key.step, Int.self),
            seed: try entries.number(Key.seed, UInt64.self))
    }

    /// Reads the contexts, where the file says that the model has any.
    static func readContexts(
        of config: inout ModelConfig, from entries: MetadataReader
    ) throws(SafetensorsError) {
        guard let list = entries.metadata[Key.contexts] else { return }
        guard let contexts = [ContextKind](list: list),
            try entries.number(Key.contextHash, Int.self) == contextHash
        else {
            throw SafetensorsError(
                entries.path, .metadata,
                "'\(Key.contexts)' is \(SafetensorsError.quoted(list)), which this program cannot read",
                remedy: "use the version of the toolkit that wrote it")
        }
        config.contexts = contexts
        config.contextRows = try entries.number(Key.contextRows, Int.self)
        if let text = entries.metadata[Key.direct] {
            guard let direct = Bool(text) else {
                throw .damaged(entries.path, .metadata, "'\(Key.direct)' is neither true nor false")
            }
            config.direct = direct
        }
    }
}

/// Reads the entries of one file as values of a type.
struct MetadataReader {
    let metadata: SafetensorsMetadata
    let path: String

    func text(_ key: String) throws(SafetensorsError) -> String {
        guard let text = metadata[key] else {
            throw .damaged(path, .metadata, "has no '\(key)'")
        }
        return text
    }

    /// A number from 0 on, written the shortest way.
    func number<Number: FixedWidthInteger>(
        _ key: String, _ type: Number.Type
    ) throws(SafetensorsError) -> Number {
        let text = try text(key)
        guard let number = Number(text), number >= 0, "\(number)" == text else {
            throw .damaged(
                path, .metadata,
                "'\(key)' is \(SafetensorsError.quoted(text)), which is not a whole number from 0")
        }
        return number
    }

    /// The entry as one of a type's words; nil where the file does not say it.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, _ type: Choice.Type
    ) throws(SafetensorsError) -> Choice? {
        guard let text = metadata[key] else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw SafetensorsError(
                path, .metadata,
                "'\(key)' is \(SafetensorsError.quoted(text)), not one of \(known)",
                remedy: "use the version of the toolkit that wrote it")
        }
        return choice
    }
}
