import Storage
import TestSupport
import Testing

@testable import TokenShards

/// The first bytes of files that are no text.
private let openings: [(label: String, bytes: [UInt8])] = [
    ("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]), ("bzip2", Array("BZh91AY&SY".utf8)),
    ("lz4", [4, 0x22, 0x4D, 0x18]), ("lzip", Array("LZIP".utf8) + [1]), ("compress", [0x1F, 0x9D]),
    ("zip", Array("PK".utf8) + [3, 4]), ("zip", Array("PK".utf8) + [5, 6]),
    ("7z", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]), ("rar", Array("Rar!".utf8) + [0x1A, 7]),
    ("tar", [UInt8](repeating: 0x61, count: 257) + Array("ustar\0".utf8)),
    ("Parquet", Array("PAR1".utf8) + [0x15]), ("Arrow", Array("ARROW1".utf8) + [0, 0]),
    ("Arrow", [255, 255, 255, 255, 0x10, 1, 0, 0]),
    ("HDF5", [0x89] + Array("HDF\r\n\u{1A}\n".utf8)),
    ("SQLite", Array("SQLite format 3\0".utf8)), ("NumPy", [0x93] + Array("NUMPY".utf8)),
    ("PDF", Array("%PDF-1.7\n".utf8)), ("PNG", [0x89] + Array("PNG\r\n\u{1A}\n".utf8)),
    ("JPEG", [0xFF, 0xD8, 0xFF, 0xE0]), ("GIF", Array("GIF89a".utf8) + [1, 0, 1, 0]),
    ("RIFF", Array("RIFF\u{10}\0\0\0WAVE".utf8)), ("program", [0x7F] + Array("ELF".utf8)),
    ("Git LFS pointer", Array("version https://git-lfs.github.com/spec/v1\noid ".utf8)),
    ("model", [200, 1, 0, 0, 0, 0, 0, 0] + Array("{\"emb\"".utf8)),
    ("model", Array("GGUF".utf8) + [3, 0, 0, 0]), ("journal", Array("EGGJRNL\n".utf8)),
]

@Suite("Files that are no text")
struct FileFormatTests {
    private func open(_ bytes: [UInt8]) throws -> TextInput {
        let directory = try TemporaryDirectory()
        return try TextInput(InputFile(try directory.write("it's a file", bytes)))
    }

    @Test("are told by their first bytes, and refused", arguments: openings)
    func refused(label: String, bytes: [UInt8]) throws {
        for more in [[], sampleText(9000)] {
            let error = #expect(throws: TextError.self) { try open(bytes + more) }
            #expect(error?.label == label)
            #expect(error?.location.hasSuffix("it's a file") == true)
            #expect(error?.finding.hasSuffix("not text") == true)
        }
    }

    @Test("are refused in whatever encoding")
    func withEncoding() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("a", [0x7F] + Array("ELF".utf8))
        for encoding in TextEncoding.allCases {
            #expect(throws: TextError.self) { try TextInput(InputFile(path), encoding: encoding) }
        }
    }

    @Test("name the program that gives their text, the path quoted for a shell")
    func remedy() throws {
        let error = #expect(throws: TextError.self) {
            try open([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0])
        }
        #expect(error?.remedy.contains("from: xz -dc '/") == true)
        #expect(error?.remedy.hasSuffix(#"/it'\''s a file'"#) == true)
    }

    @Test(
        "are not texts that begin with the same letters",
        arguments: [
            "PAR1 is a postcode", "GIF89a is a format", "RIFF and WAVE", "GGUF", "BZh9 is a word",
            "version https://example.org/spec/", "ustar", "PK", "LZIP", "",
        ])
    func texts(text: String) throws {
        _ = try open(Array(text.utf8))
        _ = try open(Array(text.utf8) + sampleText(9000))
    }

    @Test("are at least doubted where most bytes are NUL or control characters")
    func doubtful() throws {
        let text = sampleText(3000)
        #expect(try !open(text).isDoubtful)
        #expect(try !open(text + text + [UInt8](repeating: 1, count: 9000)).isDoubtful)
        // Documents of 20 bytes.
        let documents = text.enumerated().map { $0.offset % 20 == 19 ? 0 : $0.element }
        #expect(try !open(documents).isDoubtful)
        #expect(try open((0..<3000).map { UInt8(truncatingIfNeeded: $0 * $0 / 7 % 23) }).isDoubtful)
        #expect(try open([1] + [UInt8](repeating: 0, count: 2000)).isDoubtful)
        let directory = try TemporaryDirectory()
        let path = try directory.write("a", [1] + [UInt8](repeating: 0, count: 2000))
        #expect(try !TextInput(InputFile(path), encoding: .utf8).isDoubtful)
    }
}
