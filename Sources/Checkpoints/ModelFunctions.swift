import RecurrentLM

/// What a model does besides its products, as far as somebody knows it. It changes every result and is not to be seen in the
/// tensors of a file.
///
/// Worked example: `ModelFunctions(gate: .sigmoid, candidate: .identity, mlp: .relu)` says all of it.
public struct ModelFunctions: Equatable, Sendable {
    public var gate: GateFunction?
    public var candidate: CandidateFunction?
    public var mlp: MLPFunction?

    public init(
        gate: GateFunction? = nil, candidate: CandidateFunction? = nil, mlp: MLPFunction? = nil
    ) {
        self.gate = gate
        self.candidate = candidate
        self.mlp = mlp
    }

    /// All that a config says.
    public init(_ config: ModelConfig) {
        self.init(gate: config.gate, candidate: config.candidate, mlp: config.mlp)
    }
}

extension ModelFunctions {
    /// `sizes` with the functions that a file's metadata or else the caller says.
    /// - Throws: ``SafetensorsError`` naming every function that neither says, or one that they say differently.
    func completing(
        _ sizes: ModelConfig, from entries: MetadataReader
    ) throws(SafetensorsError) -> ModelConfig {
        typealias Key = ModelCheckpoint.Key
        var missing: [String] = []
        let gate = try entries.function(Key.gate, or: gate, &missing)
        let candidate = try entries.function(Key.candidate, or: candidate, &missing)
        let isWithoutMLP = sizes.mlpWidth == 0
        let mlp = try entries.function(
            Key.mlp, or: mlp ?? (isWithoutMLP ? .identity : nil), &missing)
        guard let gate, let candidate, let mlp else {
            throw entries.lacking(missing)
        }
        var config = sizes
        (config.gate, config.candidate, config.mlp) = (gate, candidate, mlp)
        return config
    }
}

extension MetadataReader {
    /// The function that the entry or the caller says. Where neither does, the flag that gives it is added to `missing`.
    fileprivate func function<Function: RawRepresentable<String> & CaseIterable>(
        _ key: String, or stated: Function?, _ missing: inout [String]
    ) throws(SafetensorsError) -> Function? {
        guard let entry = try choice(key, Function.self) else {
            let values = Function.allCases.map(\.rawValue).joined(separator: " or ")
            if stated == nil { missing.append("--\(key) (\(values))") }
            return stated
        }
        if let stated, stated.rawValue != entry.rawValue {
            throw SafetensorsError(
                path, .metadata,
                "says that '\(key)' is \(entry.rawValue), and --\(key) says \(stated.rawValue)",
                remedy: "leave --\(key) out")
        }
        return entry
    }

    fileprivate func lacking(_ flags: [String]) -> SafetensorsError {
        let names = flags.map { flag in
            let key = flag.dropFirst(2).prefix { $0 != " " }
            return "'\(key)'"
        }
        return SafetensorsError(
            path, .metadata,
            "does not say \(names.joined(separator: ", ")), which the tensors do not show",
            remedy: "give \(flags.joined(separator: ", ")), or use the file that pretrain wrote")
    }
}
