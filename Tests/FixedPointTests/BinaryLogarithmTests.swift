import FixedPoint
import Testing

@Suite struct BinaryLogarithmTests {
    /// floor(log2(value) · 2^32), computed with 500-bit arithmetic (mpmath).
    @Test(
        arguments: [
            (3, 6_807_362_105),
            (5, 9_972_605_231),
            (6, 11_102_329_401),
            (7, 12_057_497_578),
            (10, 14_267_572_527),
            (100, 28_535_145_054),
            (127, 30_016_172_171),
            (255, 34_335_486_563),
            (257, 34_383_895_622),
            (1_000, 42_802_717_581),
            (4_095, 51_538_094_591),
            (4_097, 51_541_120_142),
            (65_535, 68_719_382_186),
            (65_537, 68_719_571_283),
            (1_000_000, 85_605_435_163),
            (1_000_000_000, 128_408_152_744),
            (1_000_000_000_000, 171_210_870_326),
            (1_000_000_000_000_000, 214_013_587_908),
            (1_000_000_000_000_000_000, 256_816_305_489),
            (2_147_483_647, 133_143_986_173),
            (4_294_967_295, 137_438_953_470),
            (4_294_967_297, 137_438_953_473),
            (1_099_511_627_777, 171_798_691_840),
            (4_503_599_627_370_495, 223_338_299_391),
            (9_007_199_254_740_993, 227_633_266_688),
            (4_611_686_018_427_387_903, 266_287_972_351),
            (9_223_372_036_854_775_807, 270_582_939_647),
            (9_223_372_036_854_775_809, 270_582_939_648),
            (18_446_744_073_709_551_614, 274_877_906_943),
            (18_446_744_073_709_551_615, 274_877_906_943),
            (12_345_678_901_234_567_890, 272_389_574_591),
            (11_400_714_819_323_198_485, 271_896_160_629),
            (6_364_136_223_846_793_005, 268_283_716_629),
            (13_043_817_825_332_782_212, 272_730_423_295),
        ] as [(UInt64, Int64)])
    func agreesWithHighPrecision(_ value: UInt64, _ floor: Int64) {
        // The documented bound allows 1 below the floor where log2 lies just above a unit.
        #expect((floor - 1...floor).contains(BinaryLogarithm.q32(value)))
    }

    @Test(arguments: 0..<64) func isExactForPowersOfTwo(_ exponent: Int) {
        #expect(BinaryLogarithm.q32(1 << UInt64(exponent)) == Int64(exponent) << 32)
    }

    @Test func neverFalls() {
        var last: Int64 = -1
        for value in UInt64(1)...2000 {
            let logarithm = BinaryLogarithm.q32(value)
            #expect(logarithm > last)
            last = logarithm
        }
        #expect(BinaryLogarithm.q32(.max) >= BinaryLogarithm.q32(.max - 1))
        #expect(BinaryLogarithm.q32(.max) < 64 << 32)
    }

    /// log2(a · b) = log2(a) + log2(b), each rounded down by less than 1 + 2^-30.
    @Test func turnsProductsIntoSums() {
        for a in stride(from: UInt64(3), to: 5000, by: 97) {
            for b in stride(from: UInt64(7), to: 5000, by: 131) {
                let sum = BinaryLogarithm.q32(a) + BinaryLogarithm.q32(b)
                #expect((sum - 1...sum + 2).contains(BinaryLogarithm.q32(a * b)))
            }
        }
    }
}
