/// Computes exponentials in fixed point, exact to far more places than the tables made from them need.
enum Exponential {
    /// The fraction bits of ``decay(_:over:)``.
    static let decayFractionBits: UInt128 = 120

    /// e^(-numerator/denominator) with 120 fraction bits, error below 2^-100.
    ///
    /// The Taylor series gives e^(-1/denominator); binary powers of it give the rest.
    static func decay(_ numerator: Int, over denominator: Int) -> UInt128 {
        var power = reciprocalDecay(denominator)
        var result = UInt128(1) << decayFractionBits
        var exponent = numerator
        while exponent > 0 {
            if exponent & 1 == 1 { result = multiply(result, power) }
            power = multiply(power, power)
            exponent >>= 1
        }
        return result
    }

    /// e^(-1/denominator): an alternating series whose terms shrink by at least 2 each.
    private static func reciprocalDecay(_ denominator: Int) -> UInt128 {
        let one = UInt128(1) << decayFractionBits
        var term = one
        var sum = one
        var k: UInt128 = 1
        var subtracts = true
        while term > 0 {
            term /= UInt128(denominator) * k
            sum = subtracts ? sum - term : sum + term
            subtracts.toggle()
            k += 1
        }
        return sum
    }

    /// The product of two numbers with 120 fraction bits, rounded down.
    static func multiply(_ a: UInt128, _ b: UInt128) -> UInt128 {
        let product = a.multipliedFullWidth(by: b)
        return (product.high << (128 - decayFractionBits)) | (product.low >> decayFractionBits)
    }

    /// 2^(sixteenths/16) with 62 fraction bits, rounded down within 2 units, for 0...15: the square
    /// root taken four times of a power of two.
    static func exp2(sixteenths: Int) -> UInt64 {
        var value = UInt128(1) << UInt128(62)
        for bit in (0..<4).map({ sixteenths >> $0 & 1 }) {
            // (value · 2^bit)^(1/2): after all four bits the exponent is sixteenths / 16.
            value = integerSquareRoot(value << UInt128(62 + bit))
        }
        return UInt64(value)
    }
}
