/// Philox4x32-10, a counter-based generator: a block of four words is a pure function of a counter
/// of four words and a key of two (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
/// 2011).
///
/// Worked example: counter and key all zero give 6627E8D5 E169C58D BC57AC4C 9B00DBD8.
public enum Philox {
    static let multiplier0: UInt32 = 0xD251_1F53
    static let multiplier1: UInt32 = 0xCD9E_8D57
    static let weyl0: UInt32 = 0x9E37_79B9
    static let weyl1: UInt32 = 0xBB67_AE85
    /// The rounds of a block.
    public static let rounds = 10

    /// The four words of a counter under a key.
    public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        var counter = counter
        var key = key
        for _ in 0..<rounds {
            let first = counter[0].multipliedFullWidth(by: multiplier0)
            let second = counter[2].multipliedFullWidth(by: multiplier1)
            counter = SIMD4(
                second.high ^ counter[1] ^ key[0], second.low,
                first.high ^ counter[3] ^ key[1], first.low)
            key[0] &+= weyl0
            key[1] &+= weyl1
        }
        return counter
    }
}
