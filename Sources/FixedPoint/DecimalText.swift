/// Decimal numbers in and out of integers, without floating point.
public enum DecimalText {
    /// The value of a decimal text such as `0.015`, `12` or `-3.5`, times `scale`, rounded to nearest
    /// (ties away from zero). Nil where the text is no decimal number or the result does not fit.
    ///
    /// Worked example: `parse("0.25", scale: 1 << 16)` is 16384.
    public static func parse(_ text: some StringProtocol, scale: Int64) -> Int64? {
        var digits = Array(text.utf8)[...]
        let negative = digits.first == UInt8(ascii: "-")
        if negative { digits = digits.dropFirst() }
        var numerator: Int64 = 0
        var denominator: Int64 = 1
        var seenPoint = false
        var seenDigit = false
        for byte in digits {
            if byte == UInt8(ascii: ".") {
                if seenPoint { return nil }
                seenPoint = true
                continue
            }
            guard (0x30...0x39).contains(byte) else { return nil }
            seenDigit = true
            let (shifted, overflowA) = numerator.multipliedReportingOverflow(by: 10)
            let (sum, overflowB) = shifted.addingReportingOverflow(Int64(byte - 0x30))
            if overflowA || overflowB { return nil }
            numerator = sum
            if seenPoint {
                let (wider, overflow) = denominator.multipliedReportingOverflow(by: 10)
                if overflow { return nil }
                denominator = wider
            }
        }
        guard seenDigit else { return nil }
        let product = numerator.multipliedFullWidth(by: scale)
        guard product.high >= 0, product.high < denominator else { return nil }
        let (quotient, remainder) = denominator.dividingFullWidth(product)
        let rounded = remainder >= denominator - remainder ? quotient &+ 1 : quotient
        guard rounded >= 0 else { return nil }
        return negative ? -rounded : rounded
    }

    /// `numerator / denominator` with a fixed number of decimals, rounded to nearest (ties away from
    /// zero).
    ///
    /// Worked example: `format(7, over: 3, decimals: 4)` is `2.3333`.
    /// - Precondition: `denominator > 0`, `decimals` in 0...9.
    public static func format(_ numerator: Int64, over denominator: Int64, decimals: Int) -> String
    {
        var power: UInt64 = 1
        for _ in 0..<decimals { power *= 10 }
        let divisor = UInt64(denominator.magnitude)
        var (whole, remainder) = numerator.magnitude.quotientAndRemainder(dividingBy: divisor)
        let scaled = remainder.multipliedFullWidth(by: power)
        let (digits, rest) = divisor.dividingFullWidth(scaled)
        var fraction = digits
        remainder = rest
        if remainder >= divisor - remainder { fraction += 1 }
        if fraction == power {
            fraction = 0
            whole += 1
        }
        let sign = numerator < 0 && (whole > 0 || fraction > 0) ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(whole)" }
        let text = String(fraction)
        return "\(sign)\(whole)." + String(repeating: "0", count: decimals - text.count) + text
    }
}
