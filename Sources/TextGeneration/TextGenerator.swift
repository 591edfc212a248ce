import IntegerTensor
import RecurrentLM
import TokenShards

/// Continues a prompt, for one sample or several side by side.
///
/// Token i of sample j depends on the model, the prompt, the settings, the seed, i and j only: not on
/// the samples made together with it, the kernel or the machine.
public struct TextGenerator: Sendable {
    /// Tokens of a sample and samples: each a 32-bit word of the noise counter.
    public static let limit = Int(UInt32.max)

    private let model: TextModel
    private let sampler: TokenSampler

    public init(_ model: TextModel, sampler: TokenSampler) {
        self.model = model
        self.sampler = sampler
    }

    /// What to make of each sample.
    public struct Request: Sendable {
        /// Bytes that follow a leading document separator.
        public var prompt: [UInt8]
        /// Most tokens of a sample.
        public var tokens: Int
        /// Whether a document separator ends the sample; else a new document begins after it.
        public var stopsAtSeparator: Bool

        public init(prompt: [UInt8] = [], tokens: Int, stopsAtSeparator: Bool = false) {
            self.prompt = prompt
            self.tokens = tokens
            self.stopsAtSeparator = stopsAtSeparator
        }
    }

    /// Makes samples `samples`, all at the same pace.
    /// - Parameter emit: Called with the number of a sample and its next token; a separator that ends
    ///   a sample is not handed out. What it throws ends all of them.
    /// - Precondition: Numbers and tokens are within ``limit``.
    public func generate(
        _ samples: Range<Int>, _ request: Request,
        emit: (_ sample: Int, _ token: UInt8) throws -> Void
    ) rethrows {
        guard !samples.isEmpty else { return }
        let forward = BlockForward(model: model.prepared, capacity: samples.count)
        let states = HiddenStates(rows: samples.count, config: model.config)
        let tokens = AlignedBuffer<UInt8>(count: samples.count)
        forward.begin(rows: samples.count, states: states, firstState: 0)
        for token in [ByteTokenizer.documentSeparator] + request.prompt {
            tokens.pointer.update(repeating: token, count: samples.count)
            forward.step(tokens.pointer, stride: 1)
        }
        var running = Array(samples)
        for position in 0..<request.tokens {
            for sample in running {
                let row = sample - samples.lowerBound
                let token = sampler.draw(
                    forward.logits(row: row), sample: UInt32(sample), position: UInt32(position))
                tokens.pointer[row] = token
                if request.stopsAtSeparator && token == ByteTokenizer.documentSeparator {
                    running.removeAll { $0 == sample }
                } else {
                    try emit(sample, token)
                }
            }
            if running.isEmpty { return }
            // The last token needs no successor.
            if position + 1 < request.tokens { forward.step(tokens.pointer, stride: 1) }
        }
    }
}
