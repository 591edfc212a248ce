/// Makes the bits of IEEE 754 numbers in integers: files for other programs hold such numbers, and the toolkit has
/// none.
public enum FloatingBits {
    /// The bits of the binary32 number that is nearest to `numerator / denominator`; of two, the even one.
    ///
    /// Worked example: `single(1, over: 2)` is 0x3F000000.
    /// - Precondition: `denominator > 0`.
    public static func single(_ numerator: Int64, over denominator: Int64) -> UInt32 {
        let magnitude = bits(numerator, over: denominator, precision: 24, bias: 127)
        return UInt32(magnitude) | (numerator < 0 ? 1 << 31 : 0)
    }

    /// The bits of the binary64 number that is nearest to `numerator / denominator`; of two, the even one.
    /// - Precondition: `denominator > 0`.
    public static func double(_ numerator: Int64, over denominator: Int64) -> UInt64 {
        let magnitude = bits(numerator, over: denominator, precision: 53, bias: 1023)
        return magnitude | (numerator < 0 ? 1 << 63 : 0)
    }

    /// The bits without the sign. The quotient of two 64-bit numbers lies between 2^-63 and 2^63, so the number is
    /// neither subnormal nor infinite.
    /// - Parameter precision: The bits of the significand, the hidden first one among them.
    private static func bits(
        _ numerator: Int64, over denominator: Int64, precision: Int, bias: Int
    ) -> UInt64 {
        precondition(denominator > 0, "the denominator must be positive")
        guard numerator != 0 else { return 0 }
        let (above, below) = (UInt128(numerator.magnitude), UInt128(denominator.magnitude))
        let first: UInt128 = 1 << (precision - 1)
        // 2^scale makes a significand of so many bits of the quotient, or of one bit less.
        var scale = precision - 1 - (above.bitWidth - above.leadingZeroBitCount)
        scale += below.bitWidth - below.leadingZeroBitCount
        var (significand, isUp) = rounded(above, below, scale)
        if significand < first {
            scale += 1
            (significand, isUp) = rounded(above, below, scale)
        }
        // A carry out of the significand becomes one of the exponent, as the exponent stands before it.
        let exponent = UInt64(precision - 1 - scale + bias)
        return exponent << UInt64(precision - 1) + UInt64(significand - first) + (isUp ? 1 : 0)
    }

    /// ⌊above · 2^scale / below⌋, and whether one more is nearer. Neither part has more than 118 bits.
    private static func rounded(
        _ above: UInt128, _ below: UInt128, _ scale: Int
    ) -> (quotient: UInt128, isUp: Bool) {
        let divisor = below << UInt128(max(0, -scale))
        let (quotient, rest) = (above << UInt128(max(0, scale)))
            .quotientAndRemainder(dividingBy: divisor)
        let isTie = rest == divisor - rest
        return (quotient, isTie ? quotient & 1 == 1 : rest > divisor - rest)
    }
}
