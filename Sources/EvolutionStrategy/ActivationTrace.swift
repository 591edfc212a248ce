import IntegerTensor
import RecurrentLM

/// What a block of pairs keeps of a segment until its votes are counted.
///
/// Row `time · pairs + pair` of each array belongs to a pair at a token of the segment.
final class ActivationTrace {
    /// By number of the input and of the site.
    private let inputs, noise: [Int8Rows?]
    let layers: [Layer]
    /// Fitness of the token, and the token itself and its target.
    let fitness: AlignedBuffer<Int8>
    let tokens, targets: AlignedBuffer<UInt8>
    /// Credits of the outputs of the head, and a 1 for the rounding of what they predict. [V + 1]
    let headCredit: Int8Rows
    /// Credits of any other outputs, one kind at a time.
    let credit: Int8Rows

    /// What the credit of a layer's gate needs.
    struct Layer {
        /// The pair's state before each token, and after the last. [(T + 1) · pairs][D]
        let state: Int8Rows
        /// The gate's mean, -127...127 for 0...254 of 256. [D]
        let openness: Int8Rows
        /// Half of the mean of candidate less state. [D]
        let distance: Int8Rows
        /// Credits of candidate and gate. [D]
        let candidate, gate: Int8Rows
    }

    init(config: ModelConfig, pairs: Int, tokens count: Int, sites: [ActivationSite]) {
        let rows = pairs * count
        func array(_ width: Int, extra: Int = 0) -> Int8Rows {
            Int8Rows(rows: rows + extra, width: width)
        }
        var inputs: [Int8Rows?] = []
        for _ in 0..<config.layers {
            let hasMLP = config.mlpWidth > 0
            inputs += [array(config.hidden), array(config.hidden)]
            inputs += hasMLP ? [array(config.hidden), array(config.mlpWidth)] : [nil, nil]
        }
        self.inputs = inputs + [array(config.hidden)]
        let places = ActivationSite.logits.number(layers: config.layers) + 1
        var noise = [Int8Rows?](repeating: nil, count: places)
        for site in sites { noise[site.number(layers: config.layers)] = array(site.width(config)) }
        self.noise = noise
        layers = (0..<config.layers).map { _ in
            Layer(
                state: array(config.hidden, extra: pairs), openness: array(config.hidden),
                distance: array(config.hidden), candidate: array(config.hidden),
                gate: array(config.hidden))
        }
        fitness = AlignedBuffer(count: rows)
        tokens = AlignedBuffer(count: rows)
        targets = AlignedBuffer(count: rows)
        headCredit = array(LearnedFeedback.errorWidth(config))
        for row in 0..<rows { headCredit.row(row)[config.vocabulary] = 1 }
        credit = array(config.widestInput)
    }

    /// Gathers the tokens of some pairs, `[time][pair]`, and each one's successor.
    func gatherTokens(
        of pairs: Range<Int>, _ population: Population, from segment: UnsafeBufferPointer<UInt8>
    ) {
        let width = population.segmentTokens + 1
        for (index, pair) in pairs.enumerated() {
            let start = population.stream(row: 2 * pair) &* width
            for time in 0..<population.segmentTokens {
                tokens.pointer[time &* pairs.count &+ index] = segment[start &+ time]
                targets.pointer[time &* pairs.count &+ index] = segment[start &+ time &+ 1]
            }
        }
    }

    /// The mean of what the members' matrix products read.
    func input(_ input: MatrixInput) -> Int8Rows? { inputs[input.number(layers: layers.count)] }

    /// The scaled noise of a site.
    func noise(of site: ActivationSite) -> Int8Rows? { noise[site.number(layers: layers.count)] }
}

extension ActivationSite {
    /// Units of the site.
    func width(_ config: ModelConfig) -> Int {
        switch self {
        case .embedding, .state, .output: config.hidden
        case .inner: config.mlpWidth
        case .logits: config.vocabulary
        }
    }
}

extension ActivationSettings {
    /// Pairs of a block that a run has at the least, where its population is large enough.
    private static let leastBlockPairs = 16

    /// Bytes that one thread takes at the least: the trace of its block and its votes.
    public func bytesPerThread(_ config: ModelConfig, _ population: Population) -> Int {
        let rows = min(Self.leastBlockPairs, population.directions) * population.segmentTokens
        let hidden = paddedWidth(config.hidden)
        let inner = paddedWidth(config.mlpWidth)
        let ofLayers = config.layers * (9 * hidden + 2 * inner)
        return rows * (ofLayers + hidden + config.vocabulary)
            + (ParameterLayout(config).parameterCount + feedbackWeights(config))
            * MemoryLayout<Int32>.stride
    }

    /// Weights of the learned feedback.
    public func feedbackWeights(_ config: ModelConfig) -> Int {
        guard feedback == .learned else { return 0 }
        return sites(config).reduce(0) { $0 + $1.width(config) * config.vocabulary }
    }
}
