import RecurrentLM

/// What a model does besides its products, as far as somebody knows it. It changes every result and cannot be seen in
/// the tensors of a file.
///
/// Worked example: `ModelFunctions(gate: .sigmoid, mlp: .relu)` says all of it.
public struct ModelFunctions: Equatable, Sendable {
    /// The function of the gate; nil where it is not known.
    public var gate: GateFunction?
    /// The function of the MLP's inner vector; nil where it is not known.
    public var mlp: MLPFunction?
    /// What errors put before `gate` and `mlp`, to name where the caller has them from: `--` of flags, or
    /// `model.` of a config.
    public var prefix: String

    /// Says what is known; ``prefix`` is `--` unless given.
    public init(
        gate: GateFunction? = nil, mlp: MLPFunction? = nil, prefix: String = "--"
    ) {
        self.gate = gate
        self.mlp = mlp
        self.prefix = prefix
    }

    /// Says all functions, as a config does.
    public init(_ config: ModelConfig, prefix: String = "--") {
        self.init(
            gate: config.gate, mlp: config.mlp, prefix: prefix)
    }
}

extension ModelFunctions {
    /// `sizes` with the functions that a file's metadata or else the caller says.
    /// - Throws: ``SafetensorsError`` naming every function that neither says, or one that they say differently.
    func completing(
        _ sizes: ModelConfig, from entries: MetadataReader
    ) throws(SafetensorsError) -> ModelConfig {
        typealias Key = ModelCheckpoint.Key
        try refuseCandidate(entries)
        let isWithoutMLP = sizes.mlpWidth == 0
        let gate = try function(Key.gate, gate, entries)
        let mlp = try function(Key.mlp, mlp, entries) ?? (isWithoutMLP ? .identity : nil)
        guard let gate, let mlp else {
            let all = [Missing(Key.gate, gate), Missing(Key.mlp, mlp)]
            throw lacking(all.compactMap { $0 }, entries.path)
        }
        var config = sizes
        (config.gate, config.mlp) = (gate, mlp)
        return config
    }

    /// Refuses a file that names a function of the candidate, as earlier versions had one besides the identity.
    private func refuseCandidate(_ entries: MetadataReader) throws(SafetensorsError) {
        let key = ModelCheckpoint.Key.candidate
        guard let function = entries.metadata[key], function != "identity" else { return }
        throw SafetensorsError(
            entries.path, .metadata,
            "'\(key)' is \(SafetensorsError.quoted(function)), and this program knows the identity only",
            remedy: "use the version of the toolkit that wrote it")
    }

    /// The function that the file or the caller says; nil where neither does.
    private func function<Function: RawRepresentable<String> & CaseIterable>(
        _ key: String, _ stated: Function?, _ entries: MetadataReader
    ) throws(SafetensorsError) -> Function? {
        guard let entry = try entries.choice(key, Function.self) else { return stated }
        if let stated, stated.rawValue != entry.rawValue {
            throw SafetensorsError(
                entries.path, .metadata,
                "says that '\(key)' is \(entry.rawValue), and \(prefix)\(key) says"
                    + " \(stated.rawValue)",
                remedy: "leave \(prefix)\(key) out, or say the same")
        }
        return entry
    }

    /// A function that nobody says, and what it may be.
    private struct Missing {
        let key: String
        let values: String

        /// Makes the entry of a missing function; nil where somebody says it.
        init?<Function: RawRepresentable<String> & CaseIterable>(
            _ key: String, _ function: Function?
        ) {
            guard function == nil else { return nil }
            self.key = key
            values = Function.allCases.map(\.rawValue).joined(separator: " or ")
        }
    }

    private func lacking(_ functions: [Missing], _ path: String) -> SafetensorsError {
        let keys = functions.map { "'\($0.key)'" }.joined(separator: ", ")
        let flags = functions.map { "\(prefix)\($0.key) (\($0.values))" }
        return SafetensorsError(
            path, .metadata, "does not say \(keys), which the tensors do not show",
            remedy: "give \(flags.joined(separator: ", ")), or use the file that pretrain wrote")
    }
}
