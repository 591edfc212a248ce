import Checkpoints
import RecurrentLM
import Reference
import SeededNoise
import TestSupport
import Testing

/// One file of vectors from the reference code of the paper's authors.
struct ParityFixture: CustomTestStringConvertible {
    let name: String
    let file: SafetensorsFile
    let parameters: Parameters

    static let pairs = 4

    var testDescription: String { name }

    init(_ name: String) throws {
        self.name = name
        file = try SafetensorsFile.read(PackageFiles.parity(name))
        let hidden = Int(file.metadata["hidden"] ?? "") ?? 0
        let layers = Int(file.metadata["layers"] ?? "") ?? 0
        let config = ModelConfig(hidden: hidden, layers: layers, mlpWidth: 4 * hidden)
        let tensors = ParameterLayout(config).tensors
        let stored = file
        parameters = try Parameters(
            config: config, values: tensors.map { try stored.int8($0.name) })
    }

    /// The noise of a pair for the tensor, `side` being `A` or `B`.
    func noise(_ side: String, _ tensor: ParameterSpec, pair: Int) throws -> [Int8] {
        let count = side == "A" ? tensor.rows : tensor.columns
        let all = try file.int8("noise.\(side).\(tensor.name)")
        return Array(all[pair * count..<(pair + 1) * count])
    }

    func memberNoise(pair: Int, sign: Int32) throws -> MemberNoise {
        let tensors = parameters.layout.tensors
        return MemberNoise(
            sign: sign, shape: NoiseShape(sigmaShift: 4),
            a: try tensors.map { try noise("A", $0, pair: pair) },
            b: try tensors.map { try noise("B", $0, pair: pair) })
    }

    /// The noise of the file as a source for the batched path.
    func source() throws -> StoredPerturbations {
        let tensors = parameters.layout.tensors
        return StoredPerturbations(
            a: try tensors.map { try file.int8("noise.A.\($0.name)") },
            b: try tensors.map { try file.int8("noise.B.\($0.name)") }, layout: parameters.layout)
    }
}

/// Noise from arrays instead of the generator. a[id] is [pairs][rows], b[id] [pairs][columns].
struct StoredPerturbations: PerturbationSource {
    let a: [[Int8]]
    let b: [[Int8]]
    let layout: ParameterLayout

    /// None: the models of the fixtures have no contexts.
    var rowNoise: RowNoise { RowNoise(seed: 0, epoch: 0) }

    func fill(
        _ output: UnsafeMutablePointer<Int8>, tensor: Int, side: PerturbationSide, pair: Int,
        term: Int, first: Int, count: Int
    ) {
        let spec = layout.tensors[tensor]
        let (values, width) = side == .a ? (a[tensor], spec.rows) : (b[tensor], spec.columns)
        for i in 0..<count { output[i] = values[pair * width + first + i] }
    }
}

extension SafetensorsFile {
    func int8(_ name: String) throws -> [Int8] {
        try #require(self[name], "\(name) is missing").int8Values()
    }

    func int32(_ name: String) throws -> [Int32] {
        try #require(self[name], "\(name) is missing").int32Values()
    }

    func uint8(_ name: String) throws -> [UInt8] {
        try #require(self[name], "\(name) is missing").uint8Values()
    }
}
