import CKernels
import IntegerTensor
import RecurrentLM

/// What a block of groups keeps of a segment until its votes are counted.
///
/// Row `time · groups + group` of each array belongs to a group at a token of the segment: it holds what the group's
/// first pair made of the token. Fitness and noise have rows for all draws; each draw's rows begin ``rows`` rows after
/// those of the draw before.
final class ActivationTrace {
    /// The inputs of the matrices and the noise of the sites, each by its number.
    private let inputs, noise: [Int8Rows?]
    private let correlations: [Int16Rows?]
    /// The rows of one draw: groups · T.
    let rows: Int
    private let draws: Int
    let layers: [Layer]
    /// The fitness of the token for each draw, the token itself and its target.
    let fitness: AlignedBuffer<Int8>
    let tokens, targets: AlignedBuffer<UInt8>
    /// The credits of the head's outputs, and a 1 for the rounding of what they predict. [V + 1]
    let headCredit: Int8Rows
    /// The credits of any other outputs, one kind at a time.
    let credit: Int8Rows

    /// What the credit of a layer's gate needs.
    struct Layer {
        /// The group's state before each token, and after the last. [(T + 1) · groups][D]
        let state: Int8Rows
        /// The mean of the gate over the pair, -127...127 for 0...254 of 256. [D]
        let openness: Int8Rows
        /// Half of the mean of candidate less state, over the pair. [D]
        let distance: Int8Rows
        /// The credits of candidate and gate. [D]
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

    /// The mean of what the matrix products of a first pair's members read.
    func input(_ input: MatrixInput) -> Int8Rows? { inputs[input.number(layers: layers.count)] }

    /// The scaled noise of a site, 0 at units that are off in both members. [draws · rows][width]
    func noise(of site: ActivationSite) -> Int8Rows? { noise[site.number(layers: layers.count)] }

    /// The correlation of fitness and noise at a site, as ``correlate(_:rows:kernel:)`` left it. [rows][width]
    func correlation(of site: ActivationSite) -> Int16Rows? {
        correlations[site.number(layers: layers.count)]
    }

    /// Computes Σ fitness · noise over the draws, scaled to the RMS of 4 · fitness · noise of one draw, for the first
    /// `count` rows.
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
    /// The units of the site.
    package func width(_ config: ModelConfig) -> Int {
        switch self {
        case .embedding, .state, .output: config.hidden
        case .inner: config.mlpWidth
        case .logits: config.vocabulary
        }
    }
}
