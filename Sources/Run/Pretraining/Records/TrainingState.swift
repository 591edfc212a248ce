import Checkpoints
import Diagnostics
import EvolutionStrategy
import RecurrentLM
import Storage

/// A checkpoint that cannot be continued from.
public struct ResumeError: UserError {
    /// The file or directory that the run cannot be continued from.
    public let location: String
    /// What was found there.
    public let finding: String
    /// What to do about it.
    public let remedy: String

    init(_ location: String, _ finding: String, remedy: String) {
        self.location = location
        self.finding = finding
        self.remedy = remedy
    }
}

/// A checkpoint whose bytes are not those that were written; an older one may do.
struct CheckpointDamage: UserError {
    let location: String
    let finding: String
    let remedy = "restore the file"

    init(_ location: String, _ finding: String) {
        self.location = location
        self.finding = finding
    }
}

/// What a run needs besides the weights to continue as if it had never stopped.
///
/// Stored as `training.safetensors` beside the model: tensors `estimator.NAME` and `rule.NAME.TENSOR`,
/// metadata for the counters, the settings that shape the weights and the identity of the data.
struct TrainingState {
    /// The steps done.
    var step: Int
    /// The reader's place in each stream.
    var position: Int
    var wallMicroseconds: Int64
    /// The best validation so far; nil before the first.
    var best: Best?
    /// A hash over the training tokens; see `ShardSet.contentHash(_:)`.
    var dataIdentity: String
    /// XXH64 of the weights of the model beside the state.
    var weightsDigest: UInt64
    /// The checksum of the journal's record of the step, 16 hexadecimal digits.
    var journalChain: String
    var settings: [RunConfig.Setting]
    /// The steps that the run was to have when the state was written; nil where they shape nothing.
    var plan: RunPlan? = nil
    var estimator: EstimatorState
    var rule: WeightState
    /// The state of the contexts' rows, compressed, by name; empty for a model without contexts.
    var contexts: [String: SafetensorsTensor] = [:]

    struct Best: Equatable {
        var step: Int
        /// The exact bits per byte with 32 fraction bits.
        var bitsPerByteQ32: Int64
        /// What was measured, and how: figures of different measures cannot be compared.
        var measure: String
    }

    private static let formatVersion = "3"
    fileprivate static let settingPrefix = "config."
    fileprivate static let estimatorPrefix = "estimator."
    fileprivate static let rulePrefix = "rule."
    fileprivate static let contextsPrefix = "contexts."

    /// Writes the state, with that of the contexts' rows as it is now.
    func write(
        to path: String, _ layout: ParameterLayout, contexts: [ContextState] = []
    ) throws {
        var metadata: SafetensorsMetadata = [
            "format": "swift-egg-training", "format_version": Self.formatVersion,
            "step": "\(step)", "position": "\(position)",
            "wall_microseconds": "\(wallMicroseconds)", "data": dataIdentity,
            "weights": XXH64.hex(weightsDigest), "journal": journalChain,
        ]
        if let best {
            metadata["best_step"] = "\(best.step)"
            metadata["best_bits_per_byte_q32"] = "\(best.bitsPerByteQ32)"
            metadata["best_measure"] = best.measure
        }
        for setting in settings where setting.shapesWeights {
            metadata[Self.settingPrefix + setting.path] = setting.value
        }
        let tensors = Self.tensors(estimator) + Self.tensors(rule, layout)
        let compressed = contexts.map {
            CompressedTensor(name: Self.contextsPrefix + $0.name, count: $0.count, fill: $0.save)
        }
        try SafetensorsFile(tensors: tensors, compressed: compressed, metadata: metadata)
            .write(to: path)
    }

    private static func tensors(_ state: EstimatorState) -> [SafetensorsTensor] {
        state.sorted { $0.key < $1.key }.map { name, values in
            let name = estimatorPrefix + name
            return switch values {
            case .int8(let values):
                SafetensorsTensor(name: name, shape: [values.count], int8: values)
            case .int32(let values):
                SafetensorsTensor(name: name, shape: [values.count], int32: values)
            }
        }
    }

    private static func tensors(
        _ state: WeightState, _ layout: ParameterLayout
    ) -> [SafetensorsTensor] {
        let values = state.flatMap { name, values in
            layout.tensors.map { (rulePrefix + name + "." + $0.name, values[$0.id]) }
        }
        return values.sorted { $0.0 < $1.0 }.map { name, values in
            SafetensorsTensor(name: name, shape: [values.count], int32: values)
        }
    }

    /// Reads a state and checks that it belongs to `config` and the data. A config that only has another number of
    /// steps may go on: the state's settings then have the phases to go on with.
    /// - Throws: ``ResumeError`` where it belongs to another run, ``CheckpointDamage`` or
    ///   `SafetensorsError` where it is not as it was written.
    static func read(
        _ path: String, config: RunConfig, dataIdentity: String
    ) throws -> TrainingState {
        let limit = max(SafetensorsFile.defaultLimit, MemoryNeed.trainingStateBytes(config))
        let file = try SafetensorsFile.read(path, atMost: limit)
        guard file.hasVerifiedPayload, file.metadata["format_version"] == formatVersion else {
            throw ResumeError(
                path, "is not a training state of this version",
                remedy: "resume with the version that wrote it, or start a new run")
        }
        try refuseOldForm(file.metadata, path)
        try checkSettings(file.metadata, config, path)
        guard file.metadata["data"] == dataIdentity else {
            throw ResumeError(
                path, "the run read other training shards than those in \(config.shards)",
                remedy: "name the data.shards of the run, or another --output for a new run")
        }
        return try TrainingState(file, path: path, config: config, dataIdentity: dataIdentity)
    }

    /// Runs named their method by another key before methods had names of their own.
    private static func refuseOldForm(
        _ metadata: SafetensorsMetadata, _ path: String
    ) throws(ResumeError) {
        let old = "population.estimator"
        guard let value = metadata[settingPrefix + old] else { return }
        throw ResumeError(
            path,
            "the run is of an older version, which has '\(old): \(value)' for the key 'method'",
            remedy: "continue it with that version, or begin a new run from its weights with --init"
        )
    }

    /// The settings that a continued run may have done with other numbers of steps; they follow from the phases, see
    /// `RunConfig.continuing`.
    private static let continuable = [RunConfig.stepsPath, RunConfig.phasesPath]

    private static func checkSettings(
        _ metadata: SafetensorsMetadata, _ config: RunConfig, _ path: String
    ) throws(ResumeError) {
        let wanted = config.settings.filter { $0.shapesWeights && !continuable.contains($0.path) }
        let known = Set(wanted.map(\.path) + continuable)
        let others = metadata.entries.filter { $0.key.hasPrefix(settingPrefix) }.map {
            String($0.key.dropFirst(settingPrefix.count))
        }
        for setting in wanted.map({ ($0.path, $0.value) })
            + others.filter({ !known.contains($0) }).map({ ($0, "nothing") })
        {
            let stored = metadata[settingPrefix + setting.0] ?? "nothing"
            guard stored == setting.1 else {
                throw ResumeError(
                    path,
                    "the run was made with \(setting.0) \(stored), the config says \(setting.1)",
                    remedy: "use the same value, or another --output for a new run; --resume"
                        + " with the directory alone takes the run's own config")
            }
        }
    }

    fileprivate static func estimatorState(
        _ file: SafetensorsFile
    ) throws -> EstimatorState {
        var state: EstimatorState = [:]
        for tensor in file.tensors where tensor.name.hasPrefix(estimatorPrefix) {
            let name = String(tensor.name.dropFirst(estimatorPrefix.count))
            switch tensor.type {
            case .int8: state[name] = .int8(try tensor.int8Values())
            default: state[name] = .int32(try tensor.int32Values())
            }
        }
        return state
    }

    /// A tensor that the layout has and the file has not leaves no values, which the rule refuses.
    fileprivate static func ruleState(
        _ file: SafetensorsFile, _ layout: ParameterLayout
    ) throws -> WeightState {
        let ids = Dictionary(uniqueKeysWithValues: layout.tensors.map { ($0.name, $0.id) })
        var state: WeightState = [:]
        for tensor in file.tensors where tensor.name.hasPrefix(rulePrefix) {
            let path = tensor.name.dropFirst(rulePrefix.count).split(separator: ".", maxSplits: 1)
            guard path.count == 2, let id = ids[String(path[1])] else { continue }
            let empty = [[Int32]](repeating: [], count: layout.tensors.count)
            state[String(path[0]), default: empty][id] = try tensor.int32Values()
        }
        return state
    }
}

extension TrainingState {
    /// Restores the state of the contexts' rows, on top of the weights.
    /// - Throws: ``ResumeError`` where a part is missing, or `SafetensorsError` where it does not fit.
    func restore(_ parts: [ContextState], from path: String) throws {
        for part in parts {
            guard let tensor = contexts[part.name] else {
                throw ResumeError(
                    path,
                    "has no '\(Self.contextsPrefix)\(part.name)', which the contexts of the model"
                        + " need",
                    remedy: "restore the checkpoint that belongs to the run")
            }
            try tensor.decompress(count: part.count, path, take: part.restore)
        }
    }

    private init(
        _ file: SafetensorsFile, path: String, config: RunConfig, dataIdentity: String
    ) throws {
        func number(_ key: String) throws -> Int {
            guard let value = file.metadata[key].flatMap({ Int($0) }), value >= 0 else {
                throw CheckpointDamage(path, "its metadata has no usable '\(key)'")
            }
            return value
        }
        step = try number("step")
        position = try number("position")
        let time = try number("wall_microseconds")
        guard time < 1 << 62 else {
            throw CheckpointDamage(path, "its metadata has no usable 'wall_microseconds'")
        }
        wallMicroseconds = Int64(time)
        if file.metadata["best_step"] != nil {
            best = Best(
                step: try number("best_step"),
                bitsPerByteQ32: Int64(try number("best_bits_per_byte_q32")),
                measure: file.metadata["best_measure"] ?? "")
        }
        self.dataIdentity = dataIdentity
        let digits = file.metadata["weights"] ?? ""
        guard let digest = UInt64(digits, radix: 16), XXH64.hex(digest) == digits else {
            throw CheckpointDamage(path, "its metadata has no usable 'weights'")
        }
        weightsDigest = digest
        journalChain = file.metadata["journal"] ?? ""
        self.settings = config.settings
        plan = RunPlan(
            steps: file.metadata[Self.settingPrefix + RunConfig.stepsPath].flatMap { Int($0) },
            phases: file.metadata[Self.settingPrefix + RunConfig.phasesPath])
        estimator = try Self.estimatorState(file)
        rule = try Self.ruleState(file, ParameterLayout(config.model))
        for tensor in file.tensors where tensor.name.hasPrefix(Self.contextsPrefix) {
            contexts[String(tensor.name.dropFirst(Self.contextsPrefix.count))] = tensor
        }
    }
}
