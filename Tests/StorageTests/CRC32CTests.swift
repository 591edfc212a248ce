import Storage
import Testing

/// CRC-32C against published values.
@Suite struct CRC32CTests {
    /// The examples of RFC 3720, appendix B.4, and the usual check value.
    @Test(
        arguments: [
            (Array("123456789".utf8), 0xE306_9283), ([], 0),
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            (Array(0..<32), 0x46DD_794E), (Array((0..<32).reversed()), 0x113F_DB5C),
        ] as [([UInt8], UInt32)])
    func givesThePublishedValues(_ bytes: [UInt8], _ check: UInt32) {
        #expect(CRC32C.hash(bytes) == check)
    }

    /// 0xE3069283 rotated right by 15 is 0x2507C60D, and 0xA282EAD8 more is this.
    @Test func theMaskRotatesAndAdds() {
        #expect(CRC32C.masked(Array("123456789".utf8)) == 0xC78A_B0E5)
    }
}
