import SeededNoise
import Testing

/// Noise of rows that are named by number.
@Suite struct RowNoiseTests {
    /// Keys, and the values of the rows 0, 1, 255 and 2^26 - 1 for the indices 0, 1, 7 and 2^23, as computed by a program
    /// in another language from the definition.
    struct Pinned: Sendable, CustomTestStringConvertible {
        let seed: UInt64
        let epoch: UInt32
        let key: UInt64
        let values: [Int8]
        var testDescription: String { "seed \(seed) epoch \(epoch)" }
    }

    static let pinned: [Pinned] = [
        Pinned(
            seed: 0, epoch: 0, key: 0x7AB4_0E09_0F36_3A7D,
            values: [18, 24, -8, -19, 5, 10, -9, -3, -13, 5, 34, 9, -13, 26, 18, -7]),
        Pinned(
            seed: 11, epoch: 2, key: 0xC40E_326F_A2EE_527A,
            values: [14, 1, -17, 4, 7, 22, 1, -38, -4, -1, 28, -25, 2, -18, 8, -7]),
        Pinned(
            seed: .max, epoch: .max, key: 0xA670_0B4E_D23A_60C6,
            values: [24, -12, 1, 1, 15, -6, -22, -1, 5, -12, -5, 4, 21, 7, 21, 50]),
    ]

    @Test(arguments: pinned) func valuesAreThoseOfTheDefinition(_ pinned: Pinned) {
        let noise = RowNoise(seed: pinned.seed, epoch: pinned.epoch)
        #expect(noise.key == pinned.key)
        let values = [0, 1, 255, 1 << 26 - 1].flatMap { (row: UInt32) in
            [0, 1, 7, 1 << 23].map { noise.normal(context: row, index: $0) }
        }
        #expect(values == pinned.values)
    }

    /// Changing any one bit of row and index gives independent values, as does another epoch or seed.
    @Test func dependsOnEveryBit() {
        func values(_ seed: UInt64, _ epoch: UInt32, _ row: UInt32, _ index: UInt32) -> [Int8] {
            let noise = RowNoise(seed: seed, epoch: epoch)
            return (0..<16).map { noise.normal(context: row ^ $0 << 27, index: index) }
        }
        var seen: Set = [values(5, 6, 7, 8)]
        for bit: UInt32 in 0..<27 { seen.insert(values(5, 6, 7 ^ 1 << bit, 8)) }
        for bit: UInt32 in 0..<32 { seen.insert(values(5, 6, 7, 8 ^ 1 << bit)) }
        for bit: UInt32 in 0..<32 { seen.insert(values(5, 6 ^ 1 << bit, 7, 8)) }
        for bit: UInt64 in 0..<64 { seen.insert(values(5 ^ 1 << bit, 6, 7, 8)) }
        #expect(seen.count == 1 + 27 + 32 + 32 + 64)
    }

    /// Mean, variance and the correlation of neighbours, over rows and over indices.
    @Test func valuesAreNormalAndIndependent() {
        let noise = RowNoise(seed: 3, epoch: 4)
        let count = 1 << 16
        let rows = (0..<UInt32(count)).map { Int(noise.normal(context: $0, index: 9)) }
        let indices = (0..<UInt32(count)).map { Int(noise.normal(context: 9, index: $0)) }
        for values in [rows, indices] {
            // 5 deviations each: of the mean 16 / 256, of the squares 256·√2 / 256, of the products 256 / 256.
            #expect(abs(values.reduce(0, +)) < 5 * 16 * count / 256)
            let squares = values.reduce(0) { $0 + $1 * $1 }
            #expect(abs(squares - 256 * count) < 8 * count, "\(squares / count)")
            let products = zip(values, values.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(abs(products) < 5 * count, "\(products / count)")
        }
    }
}
