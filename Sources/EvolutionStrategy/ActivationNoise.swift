import RecurrentLM
import SeededNoise

/// The names of the random numbers of one step of the activation estimator.
struct ActivationNoise {
    let seed: UInt64
    let step: Int
    let layers: Int

    /// Noise of a site of a pair at a token of the segment: 16 = 1 sigma before scaling.
    func key(_ site: ActivationSite, time: Int, pair: Int) -> NoiseKey {
        NoiseKey(
            seed: seed, domain: .activation,
            stream: UInt32(time << 8 | site.number(layers: layers)),
            index: UInt32(pair), epoch: UInt32(truncatingIfNeeded: step))
    }

    /// Where a draw of noise on the logits begins in the token's normals, which it reads in a circle: numbers
    /// that meet in one draw are apart in the others.
    static func rotation(draw: Int, vocabulary: Int) -> Int {
        draw * vocabulary / ActivationSettings.headDrawsRange.upperBound
    }

    /// Tokens that share a Philox block of dither bytes.
    static let ditherTokens = 16

    /// The bytes that decide how the head's errors of a pair are rounded, in order, at so many tokens from a multiple
    /// of that number on.
    func ditherWords(block: Int, pair: Int) -> SIMD4<UInt32> {
        NoiseKey(
            seed: seed, domain: .rounding, index: UInt32(pair),
            epoch: UInt32(truncatingIfNeeded: step)
        ).words(block: UInt32(block))
    }

    /// The byte of a token of a pair.
    func dither(time: Int, pair: Int) -> UInt8 {
        let (block, byte) = time.quotientAndRemainder(dividingBy: Self.ditherTokens)
        return Self.dither(of: ditherWords(block: block, pair: pair), byte: byte)
    }

    static func dither(of words: SIMD4<UInt32>, byte: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: words[byte / 4] >> UInt32(8 * (byte % 4)))
    }
}
