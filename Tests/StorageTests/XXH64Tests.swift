import Storage
import Testing

@Suite struct XXH64Tests {
    /// Byte i is (167 · i + 13) mod 256.
    static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 * 167 + 13) }
    }

    @Test(
        arguments: [
            ("", 0xEF46_DB37_51D8_E999),
            ("a", 0xD24E_C4F1_A98C_6E5B),
            ("abc", 0x44BC_2CF5_AD77_0999),
            ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
        ] as [(String, UInt64)])
    func givesThePublishedHashes(_ text: String, _ hash: UInt64) {
        #expect(XXH64.hash(Array(text.utf8)) == hash)
    }

    /// Made with the Python binding of the reference library, seeds 0 and 0x9E3779B185EBCA8D.
    @Test(
        arguments: [
            (0, 0xEF46_DB37_51D8_E999, 0x0B30_3D92_0EC3_49DF),
            (1, 0x2078_E1AD_38AD_738B, 0x5E9B_6720_9C37_CCB3),
            (3, 0x634D_95FC_01A1_89CD, 0x4592_54A8_4EA6_DAAD),
            (4, 0xEED3_4090_8A1A_C6C6, 0x11F8_3ACC_8C76_34C8),
            (7, 0x0DA4_9362_1D6D_C898, 0x51BD_FB14_9C43_721F),
            (8, 0x76F9_16C7_BB52_3126, 0x8AB1_E705_B4DA_A02E),
            (12, 0xFB52_F89A_1DC4_49D2, 0x71AD_2F7D_6951_C5D6),
            (31, 0x65C5_FEB0_1DA7_464D, 0x2A25_AC86_E099_59CD),
            (32, 0x7665_C921_C9BF_2EC7, 0x361C_314B_9C13_4315),
            (33, 0xB5A9_D9EF_259A_E821, 0xFD35_4CB4_2B5D_3640),
            (63, 0xB028_9CD9_3240_34F0, 0xE4FB_A3CD_4415_3268),
            (64, 0xFFF2_525C_99BF_2005, 0x2363_E1ED_1CB3_AB39),
            (100, 0x74E5_02DB_362E_FD4C, 0xC71A_8100_7470_3F50),
            (1000, 0x6264_43C8_029D_0542, 0xD5FC_00D1_4663_ABBF),
        ] as [(Int, UInt64, UInt64)])
    func agreesWithTheReferenceLibrary(_ count: Int, _ unseeded: UInt64, _ seeded: UInt64) {
        #expect(XXH64.hash(Self.bytes(count)) == unseeded)
        var state = XXH64(seed: 0x9E37_79B1_85EB_CA8D)
        state.update(Self.bytes(count))
        #expect(state.digest() == seeded)
    }

    @Test(arguments: [0, 1, 31, 32, 33, 100])
    func partsGiveTheHashOfTheWhole(_ count: Int) {
        let bytes = Self.bytes(count)
        let whole = XXH64.hash(bytes)
        for first in 0...count {
            for second in first...count {
                var state = XXH64()
                state.update(Array(bytes[..<first]))
                state.update(Array(bytes[first..<second]))
                state.update(Array(bytes[second...]))
                #expect(state.digest() == whole, "split at \(first) and \(second)")
            }
        }
    }

    @Test func digestLeavesTheStateAsItWas() {
        var state = XXH64()
        state.update([1, 2, 3])
        #expect(state.digest() == state.digest())
        state.update([4])
        #expect(state.digest() == XXH64.hash([1, 2, 3, 4]))
    }

    @Test func takesUnalignedMemory() {
        let bytes = Self.bytes(200)
        bytes.withUnsafeBytes { memory in
            for start in 0..<9 {
                let part = UnsafeRawBufferPointer(rebasing: memory[start...])
                #expect(XXH64.hash(part) == XXH64.hash(Array(bytes[start...])))
            }
        }
    }
}
