import Diagnostics
import Testing

@Suite struct PlainLineTests {
    /// What does something to a terminal or the text around it, and what nobody sees.
    @Test(
        arguments: [
            0, 0x1B, 0x7F, 0x9B, 0xAD, 0x61C, 0x180E, 0x200B, 0x200D, 0x200E, 0x200F, 0x2028,
            0x2029, 0x202A,
            0x202E, 0x2060, 0x2066, 0x2069, 0x206A, 0xFE0F, 0xFEFF, 0xFFF9, 0x3164, 0xE0041,
        ] as [UInt32])
    func isEscaped(_ value: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(value))
        #expect("a\(scalar)b".asPlainLine == "a\(scalar.escaped(asASCII: true))b")
        #expect("a\(scalar)b".asPlainLine.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
    }

    @Test func ordinaryTextStays() {
        for text in ["it's \"a\\b\"", "naïve e\u{301}", "نص عربي", "עברית", "日本語 한국어", "👍🏽"] {
            #expect(text.asPlainLine == text)
        }
    }
}
