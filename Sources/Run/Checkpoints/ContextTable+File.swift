import IntegerTensor
import RecurrentLM

// The rows of contexts in a model file: the tensors `contexts` and `direct`, U8, zstd frames of [rows][min(D, 64)] and
// [rows][V] Int8 without padding.
extension ContextTable {
    static let inputName = "contexts"
    static let logitName = "direct"

    /// The names of the tensors that a model has for its contexts.
    static func names(_ config: ModelConfig) -> [String] {
        (config.contexts.isEmpty ? [] : [inputName]) + (config.direct ? [logitName] : [])
    }

    /// The weights as a tensor of a file.
    func tensor(_ name: String) throws(SafetensorsError) -> SafetensorsTensor {
        try SafetensorsTensor(name: name, compressing: rows * width, fill: saveWeights)
    }

    /// Fills the table, which holds zeros, from a file's tensor.
    /// - Throws: ``SafetensorsError`` where the tensor does not fit or holds -128.
    func fill(from tensor: SafetensorsTensor, _ path: String) throws(SafetensorsError) {
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
