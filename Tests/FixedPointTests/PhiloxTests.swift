import SeededNoise
import Testing

@Suite struct PhiloxTests {
    /// The known-answer vectors of philox4x32-10 in Random123's `kat_vectors`.
    @Test(
        arguments: [
            (
                SIMD4(repeating: 0), SIMD2(repeating: 0),
                SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8)
            ),
            (
                SIMD4(repeating: .max), SIMD2(repeating: .max),
                SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD)
            ),
            (
                SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344),
                SIMD2(0xA409_3822, 0x299F_31D0),
                SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1)
            ),
        ] as [(SIMD4<UInt32>, SIMD2<UInt32>, SIMD4<UInt32>)])
    func givesThePublishedBlocks(
        _ counter: SIMD4<UInt32>, _ key: SIMD2<UInt32>, _ block: SIMD4<UInt32>
    ) {
        #expect(Philox.block(counter: counter, key: key) == block)
    }

    /// Changing any one bit of counter or key changes the block.
    @Test func dependsOnEveryBit() {
        let counter = SIMD4<UInt32>(1, 2, 3, 4)
        let key = SIMD2<UInt32>(5, 6)
        var blocks: Set = [Philox.block(counter: counter, key: key)]
        for bit in 0..<128 {
            var changed = counter
            changed[bit / 32] ^= 1 << UInt32(bit % 32)
            blocks.insert(Philox.block(counter: changed, key: key))
        }
        for bit in 0..<64 {
            var changed = key
            changed[bit / 32] ^= 1 << UInt32(bit % 32)
            blocks.insert(Philox.block(counter: counter, key: changed))
        }
        #expect(blocks.count == 1 + 128 + 64)
    }
}
