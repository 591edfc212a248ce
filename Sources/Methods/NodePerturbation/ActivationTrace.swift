import CKernels
import IntegerTensor
import RecurrentLM

/// What a block of groups keeps of a segment until its votes are counted.
///
/// Row `time · groups + group` of each array belongs to a group at a token of the segment: what its first pair made of
/// it. Fitness and noise are those of all draws, those of the next ``rows`` rows further on.
final class ActivationTrace {
    /// By number of the input and of the site.
    private let inputs, noise: [Int8Rows?]
    private let correlations: [Int16Rows?]
    /// Rows of one draw.
    let rows: Int
    private let draws: Int
    let layers: [Layer]
    /// Fitness of the token for each draw, and the token itself and its target.
    let fitness: AlignedBuffer<Int8>
    let tokens, targets: AlignedBuffer<UInt8>
    /// Credits of the outputs of the head, and a 1 for the rounding of what they predict. [V + 1]
    let headCredit: Int8Rows
    /// Credits of any other outputs, one kind at a time.
    let credit: Int8Rows

    /// What the credit of a layer's gate needs.
    struct Layer {
        /// The group's state before each token, and after the last. [(T + 1) · groups][D]
        let state: Int8Rows
        /// The gate's mean, -127...127 for 0...254 of 256. [D]
        let openness: Int8Rows
        /// Half of the mean of candidate less state. [D]
        let distance: Int8Rows
        /// Credits of candidate and gate. [D]
        let candidate, gate: Int8Rows
    }

    init(
        config: ModelConfig, groups: Int, draws: Int, tokens count: Int, sites: [ActivationSite]
    ) {
        let rows = groups * count
        self.rows = rows
        self.draws = draws
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
        var correlations = [Int16Rows?](repeating: nil, count: places)
        for site in sites {
            let (number, width) = (site.number(layers: config.layers), site.width(config))
            noise[number] = array(width, extra: (draws - 1) * rows)
            correlations[number] = Int16Rows(rows: rows, width: width)
        }
        self.noise = noise
        self.correlations = correlations
        layers = (0..<config.layers).map { _ in
            Layer(
                state: array(config.hidden, extra: groups), openness: array(config.hidden),
                distance: array(config.hidden), candidate: array(config.hidden),
                gate: array(config.hidden))
        }
        fitness = AlignedBuffer(count: draws * rows)
        tokens = AlignedBuffer(count: rows)
        targets = AlignedBuffer(count: rows)
        headCredit = array(LearnedFeedback.errorWidth(config))
        for row in 0..<rows { headCredit.row(row)[config.vocabulary] = 1 }
        credit = array(config.widestInput)
    }

    /// Gathers the tokens of some groups, `[time][group]`, and each one's successor.
    func gatherTokens(
        of groups: Range<Int>, length: Int, from segment: UnsafeBufferPointer<UInt8>
    ) {
        for (index, group) in groups.enumerated() {
            let start = group &* (length &+ 1)
            for time in 0..<length {
                tokens.pointer[time &* groups.count &+ index] = segment[start &+ time]
                targets.pointer[time &* groups.count &+ index] = segment[start &+ time &+ 1]
            }
        }
    }

    /// The mean of what the members' matrix products read.
    func input(_ input: MatrixInput) -> Int8Rows? { inputs[input.number(layers: layers.count)] }

    /// The scaled noise of a site, 0 at units that are off in both members. [draws · rows][width]
    func noise(of site: ActivationSite) -> Int8Rows? { noise[site.number(layers: layers.count)] }

    /// Of fitness and noise at a site, as ``correlate(_:rows:kernel:)`` left it. [rows][width]
    func correlation(of site: ActivationSite) -> Int16Rows? {
        correlations[site.number(layers: layers.count)]
    }

    /// Σ fitness · noise of the draws, scaled as that of 4 · fitness · noise of one, for the first `rows` rows.
    func correlate(
        _ site: ActivationSite, rows count: Int, kernel: UnsafePointer<egg_kernel>
    ) {
        guard let noise = noise(of: site), let correlation = correlation(of: site) else { return }
        kernel.pointee.correlate(
            Int32(count), Int32(noise.width), Int32(draws), fitness.pointer, noise.input(),
            Int32(rows), CreditScales.correlationScale(draws: draws), correlation.output())
    }
}

extension ActivationSite {
    /// Units of the site.
    package func width(_ config: ModelConfig) -> Int {
        switch self {
        case .embedding, .state, .output: config.hidden
        case .inner: config.mlpWidth
        case .logits: config.vocabulary
        }
    }
}
