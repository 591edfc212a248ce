/// Computes the information of frequencies.
public enum Entropy {
    /// -Σ p·log2 p of the frequencies p = count / Σ counts, in bits with 32 fraction bits, within 4
    /// units; 0 where nothing is counted.
    ///
    /// Worked example: counts 5, 5, 0 give `1 << 32`.
    /// - Precondition: No count is negative, and their sum fits an Int.
    public static func bitsQ32(counts: some Sequence<Int>) -> Int64 {
        var total = 0
        var weighted: Int128 = 0  // Σ c·log2 c, below 2^63 · 2^38
        for count in counts where count > 0 {
            total += count
            weighted += Int128(count) * Int128(BinaryLogarithm.q32(UInt64(count)))
        }
        guard total > 0 else { return 0 }
        return BinaryLogarithm.q32(UInt64(total)) - Int64(weighted / Int128(total))
    }
}
