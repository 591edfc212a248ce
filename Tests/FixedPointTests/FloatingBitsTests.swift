import FixedPoint
import Testing

/// Bits of IEEE 754 numbers against those that the processor makes.
@Suite struct FloatingBitsTests {
    @Test(
        arguments: [
            (0, 1, 0), (1, 1, 0x3F80_0000), (-1, 1, 0xBF80_0000), (1, 2, 0x3F00_0000),
            (1, 3, 0x3EAA_AAAB), (1, 10, 0x3DCC_CCCD), (-5, 2, 0xC020_0000),
            (16_777_216, 1, 0x4B80_0000),
            (16_777_217, 1, 0x4B80_0000),  // a tie goes to the even one
            (16_777_219, 1, 0x4B80_0002), (16_777_218, 1, 0x4B80_0001),
            (33_554_431, 1, 0x4C00_0000),  // the carry changes the exponent
            (.max, 1, 0x5F00_0000), (.min, 1, 0xDF00_0000), (1, .max, 0x2000_0000),
            (.max, .max, 0x3F80_0000), (.min, .max, 0xBF80_0000),
        ] as [(Int64, Int64, UInt32)])
    func singleHasTheBitsOfTheStandard(_ above: Int64, _ below: Int64, _ bits: UInt32) {
        #expect(FloatingBits.single(above, over: below) == bits)
    }

    /// A quotient of two numbers that a binary32 holds exactly is rounded once, by the processor as here.
    @Test func singleIsTheQuotientOfTheProcessor() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let above =
                Int64.random(in: -(1 << 24)...1 << 24, using: &generator)
                >> Int64.random(in: 0...23)
            let below = max(
                1, Int64.random(in: 1...1 << 24, using: &generator) >> Int64.random(in: 0...23))
            let expected = (Float(above) / Float(below)).bitPattern
            #expect(FloatingBits.single(above, over: below) == expected, "\(above) / \(below)")
        }
    }

    @Test func doubleIsTheQuotientOfTheProcessor() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let above =
                Int64.random(in: -(1 << 53)...1 << 53, using: &generator)
                >> Int64.random(in: 0...52)
            let below = max(
                1, Int64.random(in: 1...1 << 53, using: &generator) >> Int64.random(in: 0...52))
            let expected = (Double(above) / Double(below)).bitPattern
            #expect(FloatingBits.double(above, over: below) == expected, "\(above) / \(below)")
        }
    }

    /// Whole numbers of 64 bits are rounded too.
    @Test func wholeNumbersAreRounded() {
        for shift in 0..<64 {
            for value in [
                Int64.max >> Int64(shift), Int64.min >> Int64(shift), Int64.max - 1 >> Int64(shift),
            ] {
                #expect(
                    FloatingBits.single(value, over: 1) & 0x7FFF_FFFF
                        == Float(value).magnitude.bitPattern)
                #expect(FloatingBits.double(value, over: 1) == Double(value).bitPattern)
            }
        }
    }
}
