import Storage
import TestSupport
import Testing

@testable import TokenShards

private let wide: [(encoding: TextEncoding, WideEncoding)] = [
    (.utf16LittleEndian, .utf16LittleEndian), (.utf16BigEndian, .utf16BigEndian),
    (.utf32LittleEndian, .utf32LittleEndian), (.utf32BigEndian, .utf32BigEndian),
]

@Suite("Encodings")
struct TextEncodingTests {
    /// A text in units of several bytes.
    private func encode(_ text: String, _ encoding: WideEncoding, mark: Bool = false) -> [UInt8] {
        let marked = (mark ? "\u{FEFF}" : "") + text
        let units =
            encoding.unitBytes == 2
            ? marked.utf16.map { UInt32($0) } : marked.unicodeScalars.map(\.value)
        return units.flatMap { bytes(of: $0, encoding) }
    }

    private func bytes(of unit: UInt32, _ encoding: WideEncoding) -> [UInt8] {
        let bytes = (0..<encoding.unitBytes).map { UInt8(truncatingIfNeeded: unit >> (8 * $0)) }
        return encoding.isBigEndian ? bytes.reversed() : bytes
    }

    private func read(
        _ bytes: [UInt8], _ encoding: TextEncoding, atMost count: Int = 1 << 16
    ) throws -> [UInt8] {
        let directory = try TemporaryDirectory()
        let input = try InputFile(try directory.write("input", bytes))
        let text = try TextInput(input, encoding: encoding)
        return try readAll(text, atMost: count)
    }

    /// Letters of one to four bytes in UTF-8, whatever falls on the edges of buffers.
    private static let mixed = String(repeating: "Grüße, 世界 🌍🏽 \u{10FFFF}\u{1}é\0\n", count: 3000)

    @Test("are converted to UTF-8, without the byte order mark", arguments: wide)
    func converted(encoding: TextEncoding, wide: WideEncoding) throws {
        let expected = Array(Self.mixed.utf8)
        for mark in [false, true] {
            let bytes = encode(Self.mixed, wide, mark: mark)
            for count in [1, 3, 4097, 1 << 16] {
                #expect(try read(bytes, encoding, atMost: count) == expected)
            }
        }
        let directory = try TemporaryDirectory()
        let input = try directory.write("input", encode("one\0two", wide, mark: true))
        let plan = CorpusPlan(inputs: [input], encoding: encoding)
        #expect(
            try readAll(tokenize(plan, to: directory.file("out"))) == Array("\0one\0two".utf8))
    }

    @Test("are known by the byte order mark where that is asked for", arguments: wide)
    func marked(encoding: TextEncoding, wide: WideEncoding) throws {
        let generic: TextEncoding = wide.unitBytes == 2 ? .utf16 : .utf32
        #expect(try read(encode("Grüße", wide, mark: true), generic) == Array("Grüße".utf8))
        let error = #expect(throws: TextError.self) { try read(encode("abc", wide), generic) }
        #expect(error?.remedy.contains("--encoding \(generic.rawValue)le or") == true)
        #expect(try read([], generic) == [])
    }

    @Test("are refused where nobody asked for them, by mark or by pattern", arguments: wide)
    func refused(encoding: TextEncoding, wide: WideEncoding) throws {
        for (text, mark) in [("世", true), ("A plain text.\nOf two lines.", false)] {
            let error = #expect(throws: TextError.self) {
                try read(encode(text, wide, mark: mark), .auto)
            }
            #expect(error?.remedy.contains("--encoding \(encoding.rawValue) ") == true)
            #expect(error?.label == encoding.rawValue)
        }
        #expect(try read(encode("abc", wide, mark: true), .utf8).count > 6)
    }

    @Test("of NUL bytes between documents are not taken for UTF-16", arguments: 1...9)
    func documents(length: Int) throws {
        let text = (0..<500).flatMap { number in
            [UInt8](repeating: 0x61, count: length + number % 2) + [0]
        }
        #expect(try read(text, .auto) == text)
        let equal = (0..<500).flatMap { _ in [UInt8](repeating: 0x61, count: length + 1) + [0] }
        #expect(try read(equal, .auto) == equal)
        #expect(try read([0, 0, 0, 0x61, 0, 0, 0x62, 0, 0], .auto).count == 9)
    }

    @Test("name the place of half a surrogate pair", arguments: [0, 1, 4096, 40_000])
    func surrogates(place: Int) throws {
        let before = String(repeating: "a", count: place)
        for (encoding, wide) in wide.prefix(2) {
            let after = encode("bc", wide)
            for (lone, digits) in [(UInt32(0xD800), "D800"), (0xDBFF, "DBFF"), (0xDC00, "DC00")] {
                let bytes = encode(before, wide) + bytes(of: lone, wide)
                for whole in [bytes, bytes + after] {
                    let error = #expect(throws: TextError.self) { try read(whole, encoding) }
                    #expect(error?.location.hasSuffix("input: byte \(2 * place)") == true)
                    #expect(error?.finding.contains(digits) == true)
                }
            }
        }
    }

    @Test("name what is no character in UTF-32, and what ends within one", arguments: wide)
    func damaged(encoding: TextEncoding, wide: WideEncoding) throws {
        if wide.unitBytes == 4 {
            for value in [0xD800, 0xDFFF, 0x110000, UInt32.max] {
                let error = #expect(throws: TextError.self) {
                    try read(encode("ab", wide) + bytes(of: value, wide), encoding)
                }
                #expect(error?.location.hasSuffix("input: byte 8") == true)
            }
        }
        let error = #expect(throws: TextError.self) {
            try read(Array(encode("abc", wide).dropLast()), encoding)
        }
        #expect(error?.finding == "the text ends in the middle of a character")
        #expect(error?.location.hasSuffix("byte \(2 * wide.unitBytes)") == true)
    }
}
