import Checkpoints
import Evaluation
import IntegerTensor
import RecurrentLM
import Testing
import TextGeneration

enum TestModel {
    static let config = ModelConfig(hidden: 8, layers: 2, mlpWidth: 12, mlp: .relu)
    static let parameters = Parameters(config: config, seed: 3)

    static var checkpoint: ModelCheckpoint {
        ModelCheckpoint(parameters: parameters, tokenizer: "bytes", step: 12, seed: .max)
    }

    static func text(kernel: String = "auto") throws -> TextModel {
        try TextModel(checkpoint, path: "model", kernel: Kernel.named(kernel))
    }
}

extension ModelFunctions {
    /// Those of the parity vectors, whose files do not say them.
    static let identity = ModelFunctions(gate: .identity, mlp: .identity)
}

/// Tokens in memory.
struct ArrayTokens: TokenSource {
    let tokens: [UInt8]
    var name: String { "tokens" }
    var count: Int { tokens.count }

    func read(at position: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
        buffer.copyBytes(from: tokens[position..<position + buffer.count])
    }
}

/// Bytes without a pattern, a few of them 0.
func mixedBytes(_ count: Int) -> [UInt8] {
    var state: UInt32 = 12345
    return (0..<count).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(state >> 24) < 4 ? 0 : UInt8(truncatingIfNeeded: state >> 16)
    }
}
