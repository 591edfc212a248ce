import Testing

@testable import TextGeneration

@Suite struct TextRendererTests {
    private func rendered(_ tokens: [UInt8], _ style: TextRenderer.Style = .text) -> [UInt8] {
        var renderer = TextRenderer(style: style)
        let shown = tokens.flatMap { renderer.append($0) }
        return shown + renderer.finish()
    }

    /// Bytes that meet every rule of UTF-8, in runs of up to 4.
    private static let interesting: [UInt8] = [
        0x01, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
        0xED, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xFF,
    ]

    @Test func threeBytesAreRepairedAsStringDecodingDoes() {
        for a in Self.interesting {
            for b in Self.interesting {
                for c in Self.interesting {
                    let bytes = [a, b, c]
                    let expected = String(decoding: bytes, as: UTF8.self) + "\n"
                    #expect(rendered(bytes) == Array(expected.utf8), "\(bytes)")
                }
            }
        }
    }

    @Test func longTextIsRepairedAsStringDecodingDoes() {
        let bytes = mixedBytes(3000).filter { $0 != 0 } + Array("é€😀".utf8) + [0xF0, 0x9F, 0x98]
        #expect(rendered(bytes) == Array((String(decoding: bytes, as: UTF8.self) + "\n").utf8))
    }

    @Test func aCharacterAppearsWithItsLastByte() {
        var renderer = TextRenderer(style: .text)
        let pieces = Array("a😀".utf8).map { renderer.append($0) }
        #expect(pieces == [[0x61], [], [], [], Array("😀".utf8)])
    }

    @Test func aSeparatorIsAnEmptyLine() {
        func shown(_ text: String) -> String {
            String(decoding: rendered(Array(text.utf8)), as: UTF8.self)
        }
        #expect(shown("\0a\0b") == "a\n\nb\n")
        #expect(shown("a\n\0b\n") == "a\n\nb\n")
        #expect(shown("a\n\n\0\0b\n\n\n") == "a\n\nb\n\n\n")
        #expect(rendered([0xE2, 0x82, 0]) == UTF8Repair.replacement + [10, 10])
        #expect(rendered([0xE2, 10, 0]) == UTF8Repair.replacement + [10, 10])
    }

    @Test func rawBytesStayAsTheyAre() {
        #expect(rendered(Array(0...255), .raw) == Array(0...255))
    }

    /// What turns the order of reading round or breaks lines, and what ordinary text needs.
    @Test func aTerminalIsSparedWhatRearrangesText() {
        for hidden in "\u{61C}\u{200E}\u{200F}\u{202A}\u{202E}\u{2028}\u{2029}\u{2066}\u{2069}"
            .unicodeScalars
        {
            let text = Array("a\(hidden)b\n".utf8)
            #expect(
                String(decoding: rendered(text, .terminal), as: UTF8.self) == "a\u{FFFD}b\n")
            #expect(rendered(text) == text)
        }
        let text = Array("👩\u{200D}🚀 ❤\u{FE0F} Sil\u{AD}be \u{627}\u{644} نص\n".utf8)
        #expect(rendered(text, .terminal) == text)
    }

    @Test func aTerminalIsSparedControlCharacters() {
        let bytes = Array("\u{1B}[2Ja\tb\r\u{9B}c\u{7F}é\n".utf8)
        let shown = String(decoding: rendered(bytes, .terminal), as: UTF8.self)
        #expect(shown == "\u{FFFD}[2Ja\tb\u{FFFD}\u{FFFD}c\u{FFFD}é\n")
        #expect(
            rendered([0xE2, 0x1B], .terminal) == UTF8Repair.replacement + UTF8Repair.replacement + [
                10
            ])
    }
}
