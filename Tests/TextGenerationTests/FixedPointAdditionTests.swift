import FixedPoint
import Testing

@Suite struct FixedPointAdditionTests {
    @Test func powersOfTwoAreExact() {
        for exponent in 0...62 {
            #expect(BinaryExponential.decay(UInt64(exponent) << 32) == 1 << (62 - exponent))
        }
        #expect(BinaryExponential.decay(63 << 32) == 0)
        #expect(BinaryExponential.decay(.max) == 0)
    }

    @Test func theLogarithmTakesThePowerBack() {
        for step in 0..<300 {
            let exponent = UInt64(step) * 0x0357_9BDF  // below 4.0
            let logarithm = BinaryLogarithm.q32(BinaryExponential.decay(exponent))
            let difference = (62 << 32) - logarithm - Int64(exponent)
            // The logarithm rounds down by up to 1; the power is low by less than 2^-18 of a unit.
            #expect((0...2).contains(difference), "exponent \(exponent)")
        }
    }

    @Test func knownPowers() {
        // 2^-0.5 and 2^-0.25 with 62 fraction bits, computed apart; right to 2^-55.
        let powers: [(UInt64, UInt64)] = [
            (1 << 31, 0x2D41_3CCC_FE77_9921), (1 << 30, 0x35D1_3F32_B5A7_5ABD),
        ]
        for (exponent, exact) in powers {
            let power = BinaryExponential.decay(exponent)
            #expect(power <= exact && exact - power < 128)
        }
    }

    @Test func neighboursNeverRise() {
        let starts: [UInt64] = [0, 1 << 31, 0x7FFF_FFF0, 0xFFFF_FFF0, 5 << 32 | 0x1234_5678]
        for start in starts {
            let powers = (0..<32).map { BinaryExponential.decay(start + $0) }
            #expect(zip(powers, powers.dropFirst()).allSatisfy { $0 > $1 })
        }
    }

    private static let dyadic: [([Int], Int64)] = [
        ([], 0), ([7], 0), ([5, 5, 0], 1 << 32), ([1, 1, 1, 1], 2 << 32), ([2, 1, 1], 3 << 31),
        ([1 << 60, 1 << 60], 1 << 32),
    ]

    @Test(arguments: dyadic)
    func entropyOfDyadicFrequencies(counts: [Int], bits: Int64) {
        #expect(abs(Entropy.bitsQ32(counts: counts) - bits) <= 4)
    }
}
