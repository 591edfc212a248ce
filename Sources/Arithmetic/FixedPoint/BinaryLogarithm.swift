/// Computes binary logarithms by repeated squaring.
public enum BinaryLogarithm {
    /// log2(value) with 32 fraction bits, rounded down: never above log2(value) · 2^32, and below it by
    /// less than 1 + 2^-30. Exact for powers of two.
    ///
    /// The mantissa is kept in [1, 2) with 63 fraction bits; each squaring yields one bit. The k-th of
    /// them truncates by less than 2^-63, which lowers the logarithm by less than 1.45 · 2^-(63 + k);
    /// the sum over k stays below 2^-62, and that is 2^-30 in units of the last place.
    ///
    /// Worked example: `q32(1024)` is `10 << 32`.
    /// - Precondition: `value > 0`.
    public static func q32(_ value: UInt64) -> Int64 {
        precondition(value > 0, "log2 of 0")
        let exponent = 63 - value.leadingZeroBitCount
        var mantissa = value << UInt64(value.leadingZeroBitCount)  // 1.0 = 2^63
        var result = Int64(exponent)
        for _ in 0..<32 {
            // The square lies in [2^126, 2^128): its high word in [2^62, 2^64).
            let square = mantissa.multipliedFullWidth(by: mantissa)
            result <<= 1
            if square.high >> 63 == 1 {
                result |= 1
                mantissa = square.high
            } else {
                mantissa = (square.high << 1) | (square.low >> 63)
            }
        }
        return result
    }
}
