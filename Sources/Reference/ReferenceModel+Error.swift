import FixedPoint

extension ReferenceModel {
    private static let probabilityScale: Int32 = 63 * 256

    /// The error of two rows of logits, the same row twice for that of one:
    /// floor((dither_v - 63·256·(p₁ + p₂ - 2·onehot)) / 256), dither_v = (dither + 159·v) mod 256; 126 = 1.
    public static func error(_ first: [Int8], _ second: [Int8], target: UInt8, dither: UInt8)
        -> [Int8]
    {
        let (first, second) = (probabilities(first), probabilities(second))
        return first.indices.map { v in
            let offset = (Int32(dither) + 159 * Int32(v)) & 255
            let hit = v == Int(target) ? probabilityScale * 2 : 0
            return Int8(floorShift(offset + hit - first[v] - second[v], by: 8))
        }
    }

    /// The softmax of logits: 63·256 stands for 1, and the error is below 1/256 of it.
    private static func probabilities(_ logits: [Int8]) -> [Int32] {
        let exponents = logits.map { UInt32(Int32($0) + 128) }
        let mantissas = exponents.map { y in 32768 + (y & 15) * (1389 + 40 * (y & 15)) }
        let total = zip(mantissas, exponents).reduce(0) { $0 + ($1.0 << ($1.1 >> 4)) >> 10 }
        let leading = UInt32(31 - total.leadingZeroBitCount)
        let reciprocal = UInt32((UInt64(probabilityScale) << UInt64(leading + 2)) / UInt64(total))
        return zip(mantissas, exponents).map { mantissa, y in
            Int32((mantissa * reciprocal) >> min(31, leading + 12 - y >> 4))
        }
    }
}
