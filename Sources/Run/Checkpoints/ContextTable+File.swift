import IntegerTensor
import RecurrentLM

// The rows of contexts in a model file, U8, zstd frames: the tensors `contexts` and `direct` of [rows][min(D, 64)] and [rows][V] Int8
// without padding, and `contexts.tags` and `direct.tags` of [rows] bytes.
extension ContextTable {
    static let inputName = "contexts"
    static let logitName = "direct"

    /// The names of the tensors that a model has for its contexts.
    static func names(_ config: ModelConfig) -> [String] {
        ((config.contexts.isEmpty ? [] : [inputName]) + (config.direct ? [logitName] : []))
            .flatMap { [$0, tagName($0)] }
    }

    /// The name of the tensor with the tags of the rows in another.
    private static func tagName(_ name: String) -> String { name + ".tags" }

    /// The weights and the tags as tensors of a file.
    func tensors(_ name: String) -> [CompressedTensor] {
        [
            CompressedTensor(name: name, count: rows * width) { self.saveWeights($0, into: $1) },
            CompressedTensor(name: Self.tagName(name), count: rows) { self.saveTags($0, into: $1) },
        ]
    }

    /// Fills the table, which holds zeros, from the tensors of a file.
    /// - Throws: ``SafetensorsError`` where a tensor is missing or does not fit, or the weights hold -128.
    func fill(
        _ name: String, from tensors: [String: SafetensorsTensor], _ path: String
    ) throws(SafetensorsError) {
        func tensor(_ name: String) throws(SafetensorsError) -> SafetensorsTensor {
            guard let tensor = tensors[name] else {
                throw .damaged(path, .tensor(name), "is missing")
            }
            return tensor
        }
        try fillWeights(from: tensor(name), path)
        try CompressedBytes.decompress(tensor(Self.tagName(name)), count: rows, path) {
            (range, block) throws(SafetensorsError) in restoreTags(range, from: block)
        }
    }

    private func fillWeights(
        from tensor: SafetensorsTensor, _ path: String
    ) throws(SafetensorsError) {
        try CompressedBytes.decompress(tensor, count: rows * width, path) {
            (range, block) throws(SafetensorsError) in
            guard !block.contains(UInt8(bitPattern: -128)) else {
                throw .damaged(
                    path, .tensor(tensor.name), "holds -128, which is not a valid weight")
            }
            restoreWeights(range, from: block)
        }
    }
}

extension ModelConfig {
    /// Checks that the table of the contexts fits into memory.
    /// - Throws: ``SafetensorsError`` when the machine or a limit has less.
    func requireContextMemory(_ path: String) throws(SafetensorsError) {
        guard contextRows > 0,
            let shortage = MemoryDemand(inUse: contextBytes, mapped: contextBytes).shortage()
        else { return }
        throw SafetensorsError(
            path, .tensor(ContextTable.inputName), "takes " + shortage.finding,
            remedy: "use a model with fewer rows, or another machine" + shortage.otherRemedy)
    }
}
