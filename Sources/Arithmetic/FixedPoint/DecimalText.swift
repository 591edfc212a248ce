/// Converts between decimal numbers and integers, without floating point.
public enum DecimalText {
    /// The value of a decimal text such as `0.015`, `12` or `-3.5`, times `scale`, rounded to nearest
    /// (ties away from zero). Nil where the text is no decimal number, its digits (but for zeros at
    /// either end) do not fit into 64 bits, or the result does not fit.
    ///
    /// Worked example: `parse("0.25", scale: 1 << 16)` is 16384.
    /// - Precondition: `scale > 0`.
    public static func parse(_ text: some StringProtocol, scale: Int64) -> Int64? {
        precondition(scale > 0, "the scale must be positive")
        guard let decimal = Decimal(text) else { return nil }
        let product = decimal.numerator.multipliedFullWidth(by: UInt64(scale))
        guard product.high < decimal.denominator else { return nil }
        let (quotient, remainder) = decimal.denominator.dividingFullWidth(product)
        let (rounded, overflow) = quotient.addingReportingOverflow(
            remainder >= decimal.denominator - remainder ? 1 : 0)
        if overflow { return nil }
        guard decimal.isNegative else { return Int64(exactly: rounded) }
        return rounded <= Int64.min.magnitude ? Int64(bitPattern: 0 &- rounded) : nil
    }

    /// A decimal text as a fraction whose denominator is a power of ten.
    private struct Decimal {
        let isNegative: Bool
        private(set) var numerator: UInt64 = 0
        private(set) var denominator: UInt64 = 1

        init?(_ text: some StringProtocol) {
            var bytes = Array(text.utf8)[...]
            isNegative = bytes.first == UInt8(ascii: "-")
            if isNegative { bytes.removeFirst() }
            let whole = bytes.prefix { $0 != UInt8(ascii: ".") }
            var fraction = bytes.dropFirst(whole.count + 1)
            if whole.isEmpty && fraction.isEmpty { return nil }
            while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
            for byte in whole { guard append(byte) else { return nil } }
            for byte in fraction {
                let (wider, overflow) = denominator.multipliedReportingOverflow(by: 10)
                guard !overflow, append(byte) else { return nil }
                denominator = wider
            }
        }

        private mutating func append(_ byte: UInt8) -> Bool {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return false }
            let (shifted, overflowA) = numerator.multipliedReportingOverflow(by: 10)
            let (sum, overflowB) = shifted.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            numerator = sum
            return !overflowA && !overflowB
        }
    }

    /// `numerator / denominator` with a fixed number of decimals, rounded to nearest (ties away from
    /// zero).
    ///
    /// Worked example: `format(7, over: 3, decimals: 4)` is `2.3333`.
    /// - Precondition: `denominator > 0`, `decimals` in 0...9.
    public static func format(_ numerator: Int64, over denominator: Int64, decimals: Int) -> String
    {
        precondition(denominator > 0 && (0...9).contains(decimals), "no such format")
        var power: UInt64 = 1
        for _ in 0..<decimals { power *= 10 }
        let divisor = denominator.magnitude
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
