/// Computes upper tail probabilities of the standard normal distribution and their inverse.
public enum NormalTail {
    /// The steps of the table per standard deviation.
    public static let stepsPerSigma = 32
    /// The last step of the table, at 8 sigma: beyond it the tail is below 2^-50.
    static let lastStep = 256

    /// P(X > step/32) with 64 fraction bits, for steps 0...256; error below 2^-56.
    public static let tail: [UInt64] = (0...lastStep).map { step in
        let central = centralProbability(step)
        let half = UInt128(1) << 63
        return UInt64(half > central ? half - central : 0)
    }

    /// 1/√(2π) with 127 fraction bits.
    private static let inverseRootTwoPi: UInt128 = 0x3310_8A67_A86C_A11A_1F96_78A0_1757_1C5F

    /// P(0 < X < step/32) with 64 fraction bits: φ(x) · Σ_k x^(2k+1) / (1·3·5···(2k+1)).
    ///
    /// The sum has 80 fraction bits; at 8 sigma it is below 2^47, so it fits 127 bits.
    private static func centralProbability(_ step: Int) -> UInt128 {
        let square = UInt128(step * step)
        let scale = UInt128(stepsPerSigma * stepsPerSigma)
        var term = (UInt128(step) << 80) / UInt128(stepsPerSigma)
        var sum: UInt128 = 0
        var odd: UInt128 = 1
        while term > 0 {
            sum += term
            odd += 2
            // term · square would pass 128 bits beyond 5 sigma, so the division by scale comes first
            // with its remainder kept.
            let (quotient, remainder) = term.quotientAndRemainder(dividingBy: scale * odd)
            term = quotient * square + remainder * square / (scale * odd)
        }
        let density = Exponential.multiply(
            Exponential.decay(step * step, over: 2 * stepsPerSigma * stepsPerSigma),
            inverseRootTwoPi >> 7)
        // 120 + 80 fraction bits; the high word has 72 of them.
        return density.multipliedFullWidth(by: sum).high >> 8
    }

    /// ⌊16 · Φ⁻¹(1 - α/2)⌋ for α = numerator/denominator in (0, 1].
    ///
    /// Worked example: α = 1 gives 0; α = 0.05 gives 31 (16 · 1.95996).
    public static func twoSidedQuantile(alphaNumerator: UInt64, denominator: UInt64) -> Int {
        // Φ⁻¹(1 - α/2) >= j/16 exactly when α/2 <= P(X > j/16).
        let stride = stepsPerSigma / 16
        var quantile = 0
        while (quantile + 1) * stride <= lastStep {
            let bound = tail[(quantile + 1) * stride].multipliedFullWidth(by: denominator)
            let half = (alphaNumerator >> 1, alphaNumerator << 63)  // α/2 · 2^64, in two words
            let reaches = half.0 < bound.high || (half.0 == bound.high && half.1 <= bound.low)
            guard reaches else { return quantile }
            quantile += 1
        }
        return quantile
    }
}
