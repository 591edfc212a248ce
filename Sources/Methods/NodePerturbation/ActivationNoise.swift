import RecurrentLM
import SeededNoise

/// The keys of the random numbers of one step of node perturbation.
package struct ActivationNoise {
    package let seed: UInt64
    package let step: Int
    package let layers: Int

    package init(seed: UInt64, step: Int, layers: Int) {
        self.seed = seed
        self.step = step
        self.layers = layers
    }

    /// The key of a pair's noise at a site, for a token of the segment: 16 = 1 sigma before scaling.
    package func key(_ site: ActivationSite, time: Int, pair: Int) -> NoiseKey {
        NoiseKey(
            seed: seed, domain: .activation,
            stream: UInt32(time << 8 | site.number(layers: layers)),
            index: UInt32(pair), epoch: UInt32(truncatingIfNeeded: step))
    }

    /// Where a draw of noise on the logits begins in the token's normals, which it reads in a circle: numbers
    /// that meet in one draw are apart in the others.
    package static func rotation(draw: Int, vocabulary: Int) -> Int {
        draw * vocabulary / NodePerturbationSettings.headDrawsRange.upperBound
    }

    /// Tokens that share a Philox block of dither bytes.
    package static let ditherTokens = 16

    /// The bytes that decide how the head's errors of a pair are rounded: one for each of the ``ditherTokens`` tokens
    /// of a block of the segment, in order.
    package func ditherWords(block: Int, pair: Int) -> SIMD4<UInt32> {
        NoiseKey(
            seed: seed, domain: .rounding, index: UInt32(pair),
            epoch: UInt32(truncatingIfNeeded: step)
        ).words(block: UInt32(block))
    }

    /// The byte that decides how the head's error of a pair is rounded at a token.
    package func dither(time: Int, pair: Int) -> UInt8 {
        let (block, byte) = time.quotientAndRemainder(dividingBy: Self.ditherTokens)
        return Self.dither(of: ditherWords(block: block, pair: pair), byte: byte)
    }

    package static func dither(of words: SIMD4<UInt32>, byte: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: words[byte / 4] >> UInt32(8 * (byte % 4)))
    }
}
