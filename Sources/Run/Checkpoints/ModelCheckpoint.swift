import RecurrentLM

/// A model as a run leaves it: the weights and what is needed to use them.
///
/// The file is a safetensors file with the tensors of `ParameterLayout` in their order, all of type
/// I8, the rows of contexts, compressed, where the model has any, and the metadata of
/// `ModelCheckpoint+Metadata.swift`. A file that another tool made or saved again, without that metadata or
/// with a part of it, is read too; see ``read(_:functions:)``.
public struct ModelCheckpoint: Sendable {
    /// The name of the model's file in a checkpoint directory.
    public static let fileName = "model.safetensors"
    /// The most bytes that a model file may have: more than the largest model within the ranges of `ModelConfig` takes.
    static let sizeLimit = 16 << 30

    /// The weights, with the shape of the model.
    public var parameters: Parameters
    /// The name of the tokenizer whose tokens the model was trained on.
    public var tokenizer: String
    /// Updates that the weights have had; 0 for initial weights.
    public var step: Int
    /// The seed of the run.
    public var seed: UInt64

    /// Makes a checkpoint of weights in memory.
    public init(parameters: Parameters, tokenizer: String, step: Int, seed: UInt64) {
        self.parameters = parameters
        self.tokenizer = tokenizer
        self.step = step
        self.seed = seed
    }

    /// Writes the file whole or not at all; equal checkpoints give equal bytes.
    /// - Throws: ``SafetensorsError`` when it cannot be written.
    public func write(to path: String) throws(SafetensorsError) { try file.write(to: path) }

    /// Hands out the bytes of the file, a part at a time.
    /// - Parameters:
    ///   - name: What errors call the file.
    ///   - body: It is called with each part, in order.
    /// - Throws: ``SafetensorsError`` when the file cannot be described, or what `body` throws.
    public func write(_ name: String, by body: ([UInt8]) throws -> Void) throws {
        try file.write(name, by: body)
    }

    private var file: SafetensorsFile {
        let tensors = parameters.layout.tensors.map { tensor in
            SafetensorsTensor(
                name: tensor.name, shape: tensor.shape, int8: parameters.values[tensor.id])
        }
        let compressed =
            (parameters.contexts?.tensors(ContextTable.inputName) ?? [])
            + (parameters.direct?.tensors(ContextTable.logitName) ?? [])
        return SafetensorsFile(tensors: tensors, compressed: compressed, metadata: metadata)
    }

    /// Reads a model file and checks it whole: config, names, types, shapes and values.
    ///
    /// A file with this toolkit's metadata must hold the model's tensors and no others. In a file of
    /// another tool the sizes follow from the shapes (V and D from `emb`, L from the number of
    /// `layers.I.ln1`, H from `layers.0.W1`, or 0 without it), and tensors of other names are passed
    /// over. The functions are not to be seen in the tensors: the metadata must say them, or the caller.
    /// Without an entry the tokenizer of 256 tokens is `bytes`, and step and seed are 0.
    /// - Parameters:
    ///   - path: A file, as ``locate(_:)`` gives it.
    ///   - functions: What the caller knows. What the file says as well must be the same.
    /// - Throws: ``SafetensorsError`` naming the file and the tensor or entry that is wrong or missing.
    public static func read(
        _ path: String, functions: ModelFunctions = ModelFunctions()
    ) throws(SafetensorsError) -> ModelCheckpoint {
        let file = try SafetensorsFile.read(path, atMost: sizeLimit)
        let tensors = Dictionary(file.tensors.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        let isOwn = hasOwnFormat(file.metadata)
        let description =
            isOwn
            ? try described(by: file.metadata, functions: functions, path: path)
            : try described(
                by: tensors, metadata: file.metadata, functions: functions, path: path)
        // A layout is made only of a config whose sizes are bounded.
        try validate(description.config, path)
        let layout = ParameterLayout(description.config)
        if isOwn { try refuseOthers(than: layout, in: file, path) }
        let parameters = try weights(layout, tensors, path)
        return ModelCheckpoint(
            parameters: parameters, tokenizer: description.tokenizer, step: description.step,
            seed: description.seed)
    }

    private static func validate(
        _ config: ModelConfig, _ path: String
    ) throws(SafetensorsError) {
        do {
            try config.validate()
        } catch {
            throw SafetensorsError(
                path, .metadata, "\(error.location): \(error.finding)",
                remedy: "use a model within the ranges of this version")
        }
    }

    private static func refuseOthers(
        than layout: ParameterLayout, in file: SafetensorsFile, _ path: String
    ) throws(SafetensorsError) {
        let names = Set(layout.tensors.map(\.name) + ContextTable.names(layout.config))
        guard let other = file.tensors.first(where: { !names.contains($0.name) }) else { return }
        throw .damaged(
            path, .tensor(other.name), "is not a tensor of the model that the file names")
    }

    private static func weights(
        _ layout: ParameterLayout, _ tensors: [String: SafetensorsTensor], _ path: String
    ) throws(SafetensorsError) -> Parameters {
        var values: [[Int8]] = []
        for spec in layout.tensors {
            guard let tensor = tensors[spec.name] else {
                throw .damaged(path, .tensor(spec.name), "is missing")
            }
            guard tensor.type == .int8, tensor.shape == spec.shape else {
                throw .damaged(
                    path, .tensor(spec.name),
                    "is \(tensor.type.rawValue) \(tensor.shape) where the model needs "
                        + "\(SafetensorsType.int8.rawValue) \(spec.shape)")
            }
            values.append(try tensor.int8Values())
        }
        try layout.config.requireContextMemory(path)
        let contexts = ContextTable.inputs(layout.config)
        let direct = ContextTable.logits(layout.config)
        try contexts?.fill(ContextTable.inputName, from: tensors, path)
        try direct?.fill(ContextTable.logitName, from: tensors, path)
        do {
            return try Parameters(
                config: layout.config, values: values, contexts: contexts, direct: direct)
        } catch {
            throw SafetensorsError(
                path, .tensor(error.location), error.finding, remedy: error.remedy)
        }
    }
}
