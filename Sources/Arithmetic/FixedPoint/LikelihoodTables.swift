/// The integer exponential and logarithm of the loss (nano-egg's EXP2 and LOG2), in 1/16 bit.
public enum LikelihoodTables {
    /// ⌊2^19 · 2^(r/16)⌋ for r in 0...15. `exp2(i)` is entry i mod 16 shifted right by 15 - i/16.
    public static let mantissas: [Int32] = (0..<16).map { remainder in
        Int32(Exponential.exp2(sixteenths: remainder) >> (62 - 19))
    }

    /// ⌊16 · 2^(i/16)⌋ for i in 0...255. At most 2^20, so 256 of them sum to at most 2^28.
    public static let exp2: [Int32] = (0..<256).map { index in
        mantissas[index % 16] >> Int32(15 - index / 16)
    }

    /// ⌈2^31 · 2^(j/16)⌉ for j in 0...15: what a number with its leading bit moved to bit 31
    /// must reach for its logarithm to have j sixteenths.
    public static let log2Thresholds: [UInt32] = (0..<16).map { sixteenths in
        let exact = Exponential.exp2(sixteenths: sixteenths)
        return UInt32(exact >> 31) + (sixteenths == 0 ? 0 : 1)
    }

    /// ⌊16 · log2(value / 16)⌋.
    ///
    /// Worked example: `log2(4096)` is 128.
    /// - Precondition: `value >= 16`.
    public static func log2(_ value: UInt32) -> Int32 {
        let leading = value.leadingZeroBitCount
        let normalized = value << UInt32(leading)
        var sixteenths: Int32 = 15
        while normalized < log2Thresholds[Int(sixteenths)] { sixteenths -= 1 }
        return 16 * (31 - 4 - Int32(leading)) + sixteenths
    }

    /// round(4096 · log2((4096.5 + i) / 4096)) for i in 0..<4096: the logarithm of a mantissa by its
    /// first 12 bits, at the middle of its interval.
    public static let fineLog2: [UInt16] = (0..<4096).map { index in
        let logarithm = BinaryLogarithm.q32(UInt64(8193 + 2 * index)) - (13 << 32)
        return UInt16((logarithm + (1 << 19)) >> 20)
    }

    /// log2(value / 16) with 12 fraction bits, within 1/4096 or so.
    /// - Precondition: `value >= 16`.
    public static func fineLog2(_ value: UInt32) -> Int32 {
        let leading = value.leadingZeroBitCount
        let mantissa = (value << UInt32(leading)) >> 19 & 4095
        return ((31 - 4 - Int32(leading)) << 12) + Int32(fineLog2[Int(mantissa)])
    }

    /// ⌊2^32 · 2^(r/16)⌋ for r in 0...15: the finer table behind the exact loss.
    public static let fineMantissas: [UInt64] = (0..<16).map { remainder in
        Exponential.exp2(sixteenths: remainder) >> (62 - 32)
    }
}

/// -log2 of a probability under the softmax of logits in 1/16 bit, with 32 fraction bits.
public enum ExactLoss {
    /// The loss in bits, as a number with 32 fraction bits; error below 2^-28.
    ///
    /// - Parameters:
    ///   - fineSum: Σ_v 2^(y_v/16) with 32 fraction bits (bounded by 2^56 for 256 tokens).
    ///   - target: y of the target, logit + 128, 0...255.
    public static func bitsQ32(fineSum: UInt64, target: Int) -> Int64 {
        BinaryLogarithm.q32(fineSum) - (32 << 32) - (Int64(target) << 28)
    }

    /// Σ_v 2^(y_v/16) with 32 fraction bits, y = logit + 128.
    public static func fineSum(logits: some Sequence<Int8>) -> UInt64 {
        logits.reduce(0) { sum, logit in
            let y = Int(logit) + 128
            return sum + (LikelihoodTables.fineMantissas[y % 16] << UInt64(y / 16))
        }
    }
}
