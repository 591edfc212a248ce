import FixedPoint
import SeededNoise

/// Draws tokens from logits, in integers.
///
/// The steps and their order: temperature, top-k, top-p, min-p, draw. Tokens are ranked by logit, the
/// largest first and of equal ones the lower token first; each filter keeps the first of that ranking,
/// so that of equal logits at a limit the lower tokens stay.
public struct TokenSampler: Sendable {
    /// The fraction bits of a weight: 256 weights of at most 2^55 sum to at most 2^63.
    static let weightBits: UInt64 = 55

    let settings: SamplingSettings
    private let seed: UInt64
    /// The weights by distance from the largest logit: 2^(-distance / (16·T)). [256]
    private let weights: [UInt64]

    /// Makes a sampler; its draws follow from the seed.
    public init(settings: SamplingSettings, seed: UInt64) {
        self.settings = settings
        self.seed = seed
        weights = (0...255).map { Self.weight(distance: $0, temperature: settings.temperature) }
    }

    /// The weight of a token. The exponent is rounded down to 2^-32 and the power to 2^-55, which changes a weight by
    /// less than one part in 2^32 of it and 2 units.
    private static func weight(distance: UInt64, temperature: Int64) -> UInt64 {
        guard temperature > 0 else { return distance == 0 ? 1 << weightBits : 0 }
        // distance / (16·T) with 32 fraction bits; T has 16. Below 2^52.
        let exponent = (distance << (32 + 16 - 4)) / UInt64(temperature)
        return BinaryExponential.decay(exponent) >> (62 - weightBits)
    }

    /// A token that may be drawn; its probability is its weight over the sum of all.
    struct Candidate: Equatable {
        let token: UInt8
        let weight: UInt64
    }

    /// The tokens that the filters leave, most probable first; never empty.
    /// - Precondition: 1 to 256 logits.
    func candidates(_ logits: [Int8]) -> [Candidate] {
        var ranking = ranked(logits)
        if settings.temperature == 0 { return Array(ranking.prefix(1)) }
        ranking.removeLast(max(0, ranking.count - settings.topK))
        keepTopP(&ranking)
        keepMinP(&ranking)
        return ranking
    }

    /// The tokens by rank. A counting sort leaves equal logits in the order of their tokens.
    private func ranked(_ logits: [Int8]) -> [Candidate] {
        // places[d] is where the next token goes whose logit is d below 127.
        var places = [Int](repeating: 0, count: 257)
        for logit in logits { places[128 - Int(logit)] += 1 }
        for distance in 1...256 { places[distance] += places[distance - 1] }
        var ranking = [UInt8](repeating: 0, count: logits.count)
        for token in logits.indices {
            let distance = 127 - Int(logits[token])
            ranking[places[distance]] = UInt8(token)
            places[distance] += 1
        }
        let best = Int(logits[Int(ranking[0])])
        return ranking.map { token in
            Candidate(token: token, weight: weights[best - Int(logits[Int(token)])])
        }
    }

    private func keepTopP(_ ranking: inout [Candidate]) {
        guard settings.topP < SamplingSettings.probabilityScale else { return }
        let total = ranking.reduce(0) { $0 + $1.weight }
        let goal = UInt128(total) * UInt128(settings.topP)
        var sum: UInt64 = 0
        let last = ranking.firstIndex { candidate in
            sum += candidate.weight
            return UInt128(sum) << 32 >= goal
        }
        if let last { ranking.removeSubrange((last + 1)...) }
    }

    private func keepMinP(_ ranking: inout [Candidate]) {
        let least = UInt128(ranking[0].weight) * UInt128(settings.minP)
        let first = ranking.firstIndex { UInt128($0.weight) << 32 < least }
        if let first { ranking.removeSubrange(first...) }
    }

    /// Token `position` of sample `sample`, a pure function of these, the seed and the logits.
    func draw(_ logits: [Int8], sample: UInt32, position: UInt32) -> UInt8 {
        let candidates = candidates(logits)
        if candidates.count == 1 { return candidates[0].token }
        let total = candidates.reduce(0) { $0 + $1.weight }
        let key = NoiseKey(seed: seed, domain: .sampling, index: sample, epoch: position)
        var rest = key.uniform(below: total)
        for candidate in candidates {
            if rest < candidate.weight { return candidate.token }
            rest -= candidate.weight
        }
        return candidates[0].token  // not reached: the draw is below the sum
    }
}

extension NoiseKey {
    /// A number below `bound`, each equally probable: 64 bits of a block, and of the next block where
    /// they lie in the part of the range that `bound` does not divide evenly.
    /// - Precondition: `bound > 0`.
    func uniform(below bound: UInt64) -> UInt64 {
        let refused = (0 &- bound) % bound  // 2^64 mod bound
        var block: UInt32 = 0
        while true {
            let words = words(block: block)
            let product = (UInt64(words[1]) << 32 | UInt64(words[0]))
                .multipliedFullWidth(by: bound)
            if product.low >= refused { return product.high }
            block &+= 1
        }
    }
}
