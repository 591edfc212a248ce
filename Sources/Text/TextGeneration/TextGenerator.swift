import IntegerTensor
import RecurrentLM
import TokenShards

/// Continues a prompt, for one sample or several side by side.
///
/// Token i of sample j depends on the model, the prompt, the settings, the seed, i and j only: not on
/// the samples made together with it, the kernel or the machine.
public struct TextGenerator: Sendable {
    /// The most tokens of a sample, and the most samples: each is a 32-bit word of the noise counter.
    public static let limit = Int(UInt32.max)

    private let model: TextModel
    private let sampler: TokenSampler

    /// Makes a generator that continues texts with a model.
    public init(_ model: TextModel, sampler: TokenSampler) {
        self.model = model
        self.sampler = sampler
    }

    /// What to make of each sample.
    public struct Request: Sendable {
        /// What is added to the text before it is continued.
        public var prompt: [UInt8]
        /// The most tokens of a sample.
        public var tokens: Int
        /// Whether a document separator ends the sample; else a new document begins after it.
        public var stopsAtSeparator: Bool
        /// The stop texts, none of them empty: a sample ends before the first of them.
        public var stops: [[UInt8]]

        /// Makes a request.
        public init(
            prompt: [UInt8] = [], tokens: Int, stopsAtSeparator: Bool = false,
            stops: [[UInt8]] = []
        ) {
            self.prompt = prompt
            self.tokens = tokens
            self.stopsAtSeparator = stopsAtSeparator
            self.stops = stops
        }
    }

    /// Makes several samples, all at the same pace.
    /// - Parameters:
    ///   - samples: The numbers of the samples; each names the draws of its sample.
    ///   - request: The prompt, and where samples end.
    ///   - text: What the prompt is added to; without it, the beginning of a document.
    ///   - emit: It is called with the number of a sample and its next token. A separator or a stop text that
    ///     ends a sample is not handed out, nor what may begin a stop text until that is known. What it
    ///     throws ends all of them.
    /// - Precondition: Numbers and tokens are within ``limit``.
    /// - Throws: What `emit` throws.
    public func generate(
        _ samples: Range<Int>, _ request: Request, continuing text: TextSoFar? = nil,
        emit: (_ sample: Int, _ token: UInt8) throws -> Void
    ) rethrows {
        guard !samples.isEmpty else { return }
        let forward = BlockForward(model: model.prepared, capacity: samples.count)
        let states = HiddenStates(rows: samples.count, config: model.config)
        let tokens = AlignedBuffer<UInt8>(count: samples.count)
        let text = text ?? TextSoFar(model)
        text.append(request.prompt)
        text.read(by: forward, into: states)
        var filters = [StopFilter](repeating: StopFilter(request.stops), count: samples.count)
        let penalty = RepetitionPenalty(
            penalty: Int(sampler.settings.repetitionPenalty), after: text.recent)
        var penalties = [RepetitionPenalty](repeating: penalty, count: samples.count)
        var running = Array(samples)
        for position in 0..<request.tokens {
            for sample in running {
                let row = sample - samples.lowerBound
                let token = sampler.draw(
                    penalties[row].lowered(forward.logits(row: row)), sample: UInt32(sample),
                    position: UInt32(position))
                penalties[row].append(token)
                tokens.pointer[row] = token
                let isEnd = request.stopsAtSeparator && token == ByteTokenizer.documentSeparator
                let part = isEnd ? (filters[row].finish(), true) : filters[row].append(token)
                for token in part.0 { try emit(sample, token) }
                if part.1 { running.removeAll { $0 == sample } }
            }
            if running.isEmpty { return }
            // The last token needs no successor.
            if position + 1 < request.tokens { forward.step(tokens.pointer, stride: 1) }
        }
        for sample in running {
            for token in filters[sample - samples.lowerBound].finish() { try emit(sample, token) }
        }
    }
}
