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
    static func rotation(draw: Int, vocabulary: Int) -> Int { draw * vocabulary / 16 }

    /// Tokens that share a Philox block of dither bytes.
    private static let ditherTokens = 16

    /// The byte that decides how the head's errors of a pair at a token are rounded.
    func dither(time: Int, pair: Int) -> UInt8 {
        let key = NoiseKey(
            seed: seed, domain: .rounding, index: UInt32(pair),
            epoch: UInt32(truncatingIfNeeded: step))
        let (block, byte) = time.quotientAndRemainder(dividingBy: Self.ditherTokens)
        let word = key.words(block: UInt32(block))[byte / 4]
        return UInt8(truncatingIfNeeded: word >> UInt32(8 * (byte % 4)))
    }
}
