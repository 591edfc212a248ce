import CKernels
import IntegerTensor
import RecurrentLM
import SeededNoise
import Testing

/// The kernels' noise of contexts against its plain form.
@Suite struct KernelRowNoiseTests {
    private static let noises = [
        RowNoise(seed: 0, epoch: 0), RowNoise(seed: .max, epoch: .max),
        RowNoise(seed: 12345, epoch: 678),
    ]

    /// The first and the last hash that there may be, and some between them.
    private static let hashes: [UInt32] =
        [0, 1, 2, .max] + (0..<200).map { UInt32($0) &* 2_654_435_761 }

    @Test(arguments: noises, Kernel.available) func isThatOfSeedAndEpoch(
        noise: RowNoise, kernel: Kernel
    ) {
        var tables = kernel.rowNoise(noise)
        for count in [1, 7, 64, Self.hashes.count] {
            for pair: UInt32 in [0, 1, 1 << 23 - 1] {
                var found = [Int8](repeating: 99, count: count + 1)
                kernel.table.pointee.row_noise(Int32(count), Self.hashes, &tables, pair, &found)
                let expected = Self.hashes.prefix(count).map {
                    noise.normal(context: $0, index: pair)
                }
                #expect(found == expected + [99])
            }
        }
    }

    /// Each row of a block has the pair of its member, counted from the first of the block.
    @Test(arguments: noises, Kernel.available) func itsSumsAreThoseOfTheContexts(
        noise: RowNoise, kernel: Kernel
    ) {
        var tables = kernel.rowNoise(noise)
        for contexts in [1, 3, ModelConfig.mostContexts] {
            let count = Self.hashes.count / contexts
            let pairs = (0..<count).map { Int32($0 / 2) }
            let signs = (0..<count).map { Int32($0 % 2 == 0 ? 1 : -1) }
            for first: UInt32 in [0, 5, 1 << 22] {
                var sums = [Int16](repeating: 0, count: count)
                pairs.withUnsafeBufferPointer { pairs in
                    signs.withUnsafeBufferPointer { signs in
                        let rows = egg_rows(
                            count: Int32(count), pair: pairs.baseAddress, sign: signs.baseAddress)
                        kernel.table.pointee.sum_row_noise(
                            rows, Int32(contexts), Self.hashes, &tables, first, &sums)
                    }
                }
                let expected = (0..<count).map { row in
                    Self.hashes[row * contexts..<(row + 1) * contexts].reduce(Int16(0)) {
                        $0 + Int16(noise.normal(context: $1, index: first + UInt32(row / 2)))
                    }
                }
                #expect(sums == expected, "\(contexts) contexts, pairs from \(first)")
            }
        }
    }
}
