/// Computes powers of two with fractional exponents, in fixed point.
public enum BinaryExponential {
    /// 2^(-2^-k) with 63 fraction bits for k in 0...32: the square root taken k times of 1/2, each
    /// below the exact value by less than 4 units.
    private static let roots: [UInt64] = (0..<32).reduce(into: [1 << 62]) { roots, _ in
        let last = UInt128(roots[roots.count - 1])
        roots.append(UInt64(integerSquareRoot(last << 63)))
    }

    /// 2^(-exponent) with 62 fraction bits, below the exact value by less than 2^-55, and never rising
    /// with the exponent.
    ///
    /// Each bit of the fraction multiplies by one root. The 32 products lose less than 5 units of
    /// 2^-63 each; two exponents that differ by one unit have powers 2^-33 apart, so that truncation
    /// cannot swap them.
    ///
    /// Worked example: `decay(3 << 32)` is `1 << 59`.
    /// - Parameter exponent: At least 0, with 32 fraction bits.
    public static func decay(_ exponent: UInt64) -> UInt64 {
        var power: UInt64 = 1 << 63
        for k in 1...32 where exponent >> UInt64(32 - k) & 1 == 1 {
            let product = power.multipliedFullWidth(by: roots[k])
            power = product.high << 1 | product.low >> 63
        }
        return power >> (exponent >> 32 + 1)  // a shift beyond the width gives 0
    }
}
