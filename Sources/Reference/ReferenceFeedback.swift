import EvolutionStrategy
import FixedPoint
import RecurrentLM

/// The normative learned feedback in plain Swift: what ``LearnedFeedback`` and ``FeedbackBlock`` are tested to equal.
struct ReferenceFeedback {
    let scale: FeedbackScale
    private let vocabulary: Int
    /// B by site, [width][V].
    private(set) var weights: [ActivationSite: [Int8]] = [:]
    private(set) var votes: [ActivationSite: [Int32]] = [:]
    private var residuals: [ActivationSite: [Int64]] = [:]
    private var momenta: [ActivationSite: [Int64]] = [:]

    /// Makes feedback whose matrices are 0, for `draws` draws of noise at each token.
    init(_ config: ModelConfig, _ settings: NodePerturbationSettings, draws: Int = 1) {
        let sites = settings.sites(config)
        vocabulary = config.vocabulary
        scale = FeedbackScale(
            noise: settings.noise, units: sites.reduce(0) { $0 + $1.width(config) },
            draws: draws)
        for site in sites {
            let count = site.width(config) * config.vocabulary
            weights[site] = [Int8](repeating: 0, count: count)
            votes[site] = [Int32](repeating: 0, count: count)
            residuals[site] = [Int64](repeating: 0, count: count)
            momenta[site] = [Int64](repeating: 0, count: count)
        }
    }

    /// Restores the fine weights of a site, which have 16 fraction bits.
    mutating func restore(_ site: ActivationSite, residuals: [Int32]) {
        self.residuals[site] = residuals.map(Int64.init)
        weights[site] = residuals.map { Int8((Int64($0) + 32768) >> 16) }
    }

    /// The prediction g = clip(⌊(B·e + 8·r - 1) / (16·r)⌋), r = ⌊√(V + 1)⌋.
    func predict(_ site: ActivationSite, _ error: [Int8]) -> [Int8] {
        let weights = weights[site] ?? []
        let root = Int32(integerSquareRoot(UInt32(vocabulary + 1)))
        return stride(from: 0, to: weights.count, by: vocabulary).map { start in
            let sum = zip(weights[start..<start + vocabulary], error).reduce(Int32(0)) {
                $0 + Int32($1.0) * Int32($1.1)
            }
            return clip(floorDivide(sum + 8 * root - 1, by: 16 * root))
        }
    }

    /// Adds credit ⊗ error to the votes of a site.
    mutating func add(_ site: ActivationSite, _ credit: [Int8], _ error: [Int8]) {
        for (row, credit) in credit.enumerated() {
            for (column, error) in error.enumerated() {
                votes[site]?[row * vocabulary + column] += Int32(credit) * Int32(error)
            }
        }
    }

    /// Learns from the votes: M += (16·E - M + 8) >> 4, saturating at 32 bits, H += 2^14 · sign(M) where |M| > 8,
    /// B = round(H).
    mutating func learn() {
        for (site, votes) in votes {
            for (i, vote) in votes.enumerated() {
                var momentum = momenta[site]?[i] ?? 0
                momentum += (16 * Int64(vote) - momentum + 8) >> 4
                momentum = min(Int64(Int32.max), max(Int64(Int32.min), momentum))
                momenta[site]?[i] = momentum
                guard abs(momentum) > 8 else { continue }
                let moved = (residuals[site]?[i] ?? 0) + momentum.signum() << 14
                let residual = min(127 << 16, max(-127 << 16, moved))
                residuals[site]?[i] = residual
                weights[site]?[i] = Int8((residual + 32768) >> 16)
            }
            self.votes[site] = [Int32](repeating: 0, count: votes.count)
        }
    }
}
