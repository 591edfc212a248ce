import FixedPoint

/// The distribution of |round(16 · N(0,1))|, at a resolution of 2^-15, as an alias table: a cell is
/// chosen by 7 bits and an 8-bit coin picks the cell's own magnitude or its alias.
///
/// With a sign bit a value takes 16 random bits. The largest magnitude that keeps a share at this
/// resolution is 64 (4 sigma), so the clip to ±127 never acts. (Walker 1977; Vose 1991.)
public struct NormalMagnitudes: Sendable {
    /// The cells of the table, which 7 bits choose from.
    public static let cells = 128
    /// The number of equal parts that a cell is divided into.
    static let cellShares = 256

    /// The thresholds by cell: cell i yields i itself where the coin (0...255) is below `threshold[i]`.
    public let threshold: [UInt8]
    /// The aliases by cell: what cell i yields otherwise.
    public let alias: [UInt8]

    /// The table of all noise.
    public static let standard = NormalMagnitudes()

    private init() {
        var shares = Self.shares()
        var threshold = [UInt8](repeating: 0, count: Self.cells)
        var alias = [UInt8](repeating: 0, count: Self.cells)
        var small = (0..<Self.cells).filter { shares[$0] < Self.cellShares }
        var large = (0..<Self.cells).filter { shares[$0] >= Self.cellShares }
        while let donor = large.last {
            guard let cell = small.popLast() else { break }
            threshold[cell] = UInt8(shares[cell])
            alias[cell] = UInt8(donor)
            shares[donor] -= Self.cellShares - shares[cell]
            if shares[donor] < Self.cellShares {
                large.removeLast()
                small.append(donor)
            }
        }
        for cell in large { alias[cell] = UInt8(cell) }  // a full cell: both outcomes are its own
        self.threshold = threshold
        self.alias = alias
    }

    /// How many of the 2^15 equally likely draws give each magnitude, by largest remainders.
    static func shares() -> [Int] {
        let total = cells * cellShares
        let probabilities = (0..<cells).map { magnitude -> UInt64 in
            // P(|16 N| rounds to m) = 2 (Q((2m-1)/32) - Q((2m+1)/32)), with 64 fraction bits.
            let upper = NormalTail.tail[min(2 * magnitude + 1, NormalTail.tail.count - 1)]
            guard magnitude > 0 else { return UInt64.max - 2 * upper + 1 }
            return 2 * (NormalTail.tail[min(2 * magnitude - 1, NormalTail.tail.count - 1)] - upper)
        }
        let fractionBits = UInt64(64 - total.trailingZeroBitCount)
        var shares = probabilities.map { Int($0 >> fractionBits) }
        let mask = (UInt64(1) << fractionBits) - 1
        let byRemainder = (0..<cells).sorted { a, b in
            let (x, y) = (probabilities[a] & mask, probabilities[b] & mask)
            return x == y ? a < b : x > y
        }
        for magnitude in byRemainder.prefix(total - shares.reduce(0, +)) { shares[magnitude] += 1 }
        return shares
    }
}

extension NormalMagnitudes {
    /// The largest magnitude that a draw can give.
    public static let largest: Int = shares().lastIndex { $0 > 0 } ?? 0
}
