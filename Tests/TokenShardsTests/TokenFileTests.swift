import Storage
import TestSupport
import Testing

@testable import TokenShards

@Suite("Files of 16-bit tokens")
struct TokenFileTests {
    private func pairs(_ tokens: [Int]) -> [UInt8] {
        tokens.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    }

    private func words(_ words: [Int32]) -> [UInt8] {
        words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    }

    /// A file of llm.c: 256 words of header, and tokens.
    private func llmc(_ tokens: [Int], version: Int32 = 1, stated: Int? = nil) -> [UInt8] {
        let header = [20_240_520, version, Int32(stated ?? tokens.count)]
        return words(header + [Int32](repeating: 0, count: 253)) + pairs(tokens)
    }

    private func read(
        _ bytes: [UInt8], _ encoding: TextEncoding, atMost count: Int = 1 << 16
    ) throws -> [UInt8] {
        let directory = try TemporaryDirectory()
        let text = try TextInput(
            InputFile(try directory.write("input", bytes)), encoding: encoding)
        #expect(text.kind.hasPrefix("token file"))
        return try readAll(text, atMost: count)
    }

    @Test("give the bytes that they are", arguments: [1, 3, 4097])
    func read(count: Int) throws {
        let text = sampleText(50_000) + [0, 0xFF, 0x80]
        let tokens = text.map(Int.init)
        for encoding in [TextEncoding.auto, .utf8, .tokens16] {
            #expect(try read(llmc(tokens), encoding, atMost: count) == text)
        }
        #expect(try read(pairs(tokens), .tokens16, atMost: count) == text)
        #expect(try read(zstd(pairs(tokens)), .tokens16, atMost: count) == text)
        #expect(try read(llmc([]), .auto) == [])
        #expect(try read([], .tokens16) == [])
    }

    @Test("are refused where a token is no byte, by its number, value and place")
    func otherTokenizer() throws {
        let text = sampleText(40_000).map(Int.init)
        for place in [0, 1, 2047, 2048, 30_000] {
            var tokens = text
            tokens[place] = 50_256
            tokens[place + 1] = 256
            for (bytes, header) in [(llmc(tokens), 1024), (pairs(tokens), 0)] {
                let error = #expect(throws: TextError.self) { try read(bytes, .tokens16) }
                #expect(error?.location.hasSuffix("input: byte \(header + 2 * place)") == true)
                #expect(error?.finding.hasPrefix("token number \(place + 1) is 50256") == true)
                #expect(error?.finding.contains("GPT-2") == true)
                #expect(error?.remedy.contains("text") == true)
            }
        }
    }

    @Test("without a header, taken for text in UTF-16, are told how to be read")
    func unasked() throws {
        let bytes = pairs(sampleText(5000).map(Int.init))
        let error = #expect(throws: TextError.self) { try read(bytes, .auto) }
        #expect(error?.remedy.contains(", or tokens-u16 if it is a file of 16-bit tokens") == true)
    }

    /// nanoGPT's characters of Shakespeare are numbered from 0 in the order of their codes.
    @Test("are refused where they are numbers of characters")
    func characters() throws {
        let text = sampleText(5000)
        let known = Set(text).sorted()
        let tokens = text.map { known.firstIndex(of: $0) ?? 0 }
        let error = #expect(throws: TextError.self) { try read(pairs(tokens), .tokens16) }
        #expect(error?.remedy.contains("meta.pkl") == true)
    }

    @Test("are refused where they are damaged, or of another kind")
    func damaged() throws {
        let tokens = sampleText(3000).map(Int.init)
        let whole = llmc(tokens)
        for (bytes, finding) in [
            (Array(whole.prefix(900)), "cut off in its header"),
            (Array(whole.dropLast(2)), "ends after 2999 tokens, and its header states 3000"),
            (Array(whole.dropLast()), "ends after half of token 3000, and its header states 3000"),
            (whole + [65, 0], "ends after 3001 tokens, and its header states 3000"),
            (llmc(tokens, version: 2), "version 2"), (llmc(tokens, stated: -1), "-1 tokens"),
            (words([20_240_801, 7, 0]), "32-bit tokens"), (words([20_240_522, 1, 0]), "questions"),
        ] {
            let error = #expect(throws: TextError.self) { try read(bytes, .auto) }
            #expect(error?.finding.contains(finding) == true, "\(error?.finding ?? "")")
        }
        let error = #expect(throws: TextError.self) {
            try read(pairs(tokens) + [65], .tokens16)
        }
        #expect(error?.finding == "ends after half of token 3001")
    }

    @Test("in a directory are skipped where they begin with tokens of another tokenizer")
    func inDirectory() throws {
        let directory = try TemporaryDirectory()
        try directory.write("d/a.bin", llmc([50_256, 464, 1000]))
        try directory.write("d/b.bin", llmc(Array("ab".utf8).map(Int.init)))
        let plan = CorpusPlan(inputs: [directory.file("d")])
        var tokenizer = CorpusTokenizer(
            plan, into: try StagedDataset(directory.file("out"), replacing: false))
        let progress = try tokenizer.run().progress
        #expect(progress.skipped.byKind == "1 tokens of another tokenizer")
        #expect(progress.read.byKind == "1 token file")
        #expect(try readAll(directory.file("out")) == Array("\0ab".utf8))
    }
}
