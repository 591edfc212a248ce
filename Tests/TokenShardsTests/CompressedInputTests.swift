import CZlib
import CZstd
import Storage
import TestSupport
import Testing

@testable import TokenShards

/// A gzip member that holds `text`.
func gzip(_ text: [UInt8]) throws -> [UInt8] {
    var stream = z_stream()
    let code = deflateInit2_(
        &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
    try #require(code == Z_OK)
    defer { deflateEnd(&stream) }
    var text = text
    var output = [UInt8](repeating: 0, count: text.count + 1000)
    text.withUnsafeMutableBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(target.count)
            _ = deflate(&stream, Z_FINISH)
        }
    }
    return Array(output[..<Int(stream.total_out)])
}

/// A zstd frame that holds `text`.
func zstd(_ text: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: ZSTD_compressBound(text.count))
    let count = ZSTD_compress(&output, output.count, text, text.count, 3)
    return Array(output[..<count])
}

private let skippableFrame: [UInt8] = [0x53, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 9, 9, 9]

@Suite("Compressed inputs")
struct CompressedInputTests {
    private func tokens(ofInput bytes: [UInt8]) throws -> [UInt8] {
        let directory = try TemporaryDirectory()
        let layout = try ShardLayout(shardTokens: 1 << 20, frameTokens: 4096, level: 1)
        let input = try directory.write("input", bytes)
        let output = directory.file("shards")
        do {
            try tokenize(CorpusPlan(inputs: [input], layout: layout), to: output)
        } catch {
            #expect(try Files.kind(output) == nil, "something was left behind")
            throw error
        }
        return try readAll(output)
    }

    @Test("are recognised by content and read to the end of their last part")
    func parts() throws {
        let (a, b) = (sampleText(140_000), sampleText(777))
        let both = document(a + b)
        #expect(try tokens(ofInput: gzip(a)) == document(a))
        #expect(try tokens(ofInput: gzip(a) + gzip(b)) == both)
        #expect(try tokens(ofInput: gzip(a) + gzip([]) + gzip(b) + [0, 0, 0]) == both)
        #expect(try tokens(ofInput: zstd(a)) == document(a))
        #expect(try tokens(ofInput: zstd(a) + zstd(b)) == both)
        let spread = skippableFrame + zstd(a) + skippableFrame + zstd([]) + zstd(b) + skippableFrame
        #expect(try tokens(ofInput: spread) == both)
    }

    @Test("divide into documents like text")
    func documents() throws {
        let text = Array("one\0\0two\0".utf8)
        #expect(try tokens(ofInput: gzip(text)) == Array("\0one\0two".utf8))
        #expect(try tokens(ofInput: zstd(text)) == Array("\0one\0two".utf8))
    }

    @Test("that hold shards give back their tokens")
    func shardAsInput() throws {
        let directory = try TemporaryDirectory()
        let path = try makeShards([sampleText(500)], in: directory)
        let shard = try readFile(Paths.join(path, "train-00000.tokens.zst"))
        #expect(try tokens(ofInput: shard) == document(sampleText(500)))
    }

    @Test("cut off at any byte are an error that names the file")
    func cutOff() throws {
        let text = sampleText(300)
        for whole in [try gzip(text), zstd(text), zstd(text) + skippableFrame] {
            let frame = zstd(text).count
            for count in 4..<whole.count where count != frame {
                let error = #expect(throws: FileError.self) {
                    try tokens(ofInput: Array(whole[..<count]))
                }
                #expect(error?.location.hasSuffix("/input") == true)
            }
        }
    }

    @Test("with a changed byte are an error or the same text", arguments: [0x01, 0x80, 0xFF])
    func damaged(mask: UInt8) throws {
        let text = sampleText(200)
        // The plain zstd frame of the one-call API has no checksum, so only gzip's is tried.
        let whole = try gzip(text)
        for place in 2..<whole.count {
            var bytes = whole
            bytes[place] ^= mask
            let found = try? tokens(ofInput: bytes)
            #expect(found == nil || found == document(text), "byte \(place)")
        }
    }

    @Test("followed by other bytes are an error")
    func trailing() throws {
        let text = sampleText(100)
        for whole in [
            try gzip(text) + [1], try gzip(text) + [0] + gzip(text), zstd(text) + [0],
            zstd(text) + [1, 2, 3, 4, 5], zstd(text) + Array("text".utf8),
        ] {
            #expect(throws: FileError.self) { try tokens(ofInput: whole) }
        }
    }

    @Test("that need a window above the limit are refused")
    func window() throws {
        for (log, digit) in [(31, UInt8(21 << 3)), (28, 18 << 3), (28, 17 << 3 | 1)] {
            // Magic, a descriptor without sizes, the window, an empty last block.
            let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, digit, 0x01, 0x00, 0x00]
            for before in [[], skippableFrame, zstd([])] {
                let error = #expect(throws: TextError.self) {
                    try tokens(ofInput: before + frame)
                }
                #expect(error?.finding.contains("window of 2^\(log) bytes") == true)
                #expect(error?.remedy.contains("zstd -d --long=\(log) -c /") == true)
            }
        }
        // The whole text as its window: 2^40 bytes, which no option gives.
        let size: [UInt8] = [0, 0, 0, 0, 0, 1, 0, 0]
        #expect(throws: FileError.self) {
            try tokens(ofInput: [0x28, 0xB5, 0x2F, 0xFD, 0xE0] + size + [1, 0, 0])
        }
    }

    @Test("that need a dictionary are not called damaged")
    func dictionary() throws {
        // A descriptor with a dictionary's number in 1 byte, the window, the number, an empty last block.
        let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x01, 0x38, 77, 0x01, 0x00, 0x00]
        let error = #expect(throws: TextError.self) { try tokens(ofInput: frame) }
        #expect(error?.finding.contains("the dictionary number 77") == true)
        #expect(error?.remedy.contains("zstd -d -D DICTIONARY") == true)
    }

    @Test("that hold an archive or a table are told by what is in them")
    func formatsInside() throws {
        let table = Array("PAR1".utf8) + [UInt8](repeating: 1, count: 100)
        for bytes in [try gzip(table), zstd(table)] {
            let error = #expect(throws: TextError.self) { try tokens(ofInput: bytes) }
            #expect(error?.finding.hasPrefix("holds a Parquet file (a table) in ") == true)
        }
        let twice = #expect(throws: TextError.self) {
            try tokens(ofInput: gzip(zstd(sampleText(50))))
        }
        #expect(twice?.finding.contains("holds zstd-compressed data in gzip data") == true)
    }

    /// A zstd frame of `blocks` blocks, each of 4 bytes that stand for 128 KiB of one letter.
    private static func zstdBomb(blocks: Int) -> [UInt8] {
        let header: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x38]  // a window of 128 KiB
        let size = 1 << 17
        let block = (0..<blocks).flatMap { number -> [UInt8] in
            let word = size << 3 | 1 << 1 | (number == blocks - 1 ? 1 : 0)
            return [0, 8, 16].map { UInt8(truncatingIfNeeded: word >> $0) } + [UInt8(ascii: "a")]
        }
        return header + block
    }

    @Test(
        "that expand beyond measure are refused, long before their end", arguments: [false, true])
    func bomb(isGzip: Bool) throws {
        // 1 TiB from 32 MB, and 300 MB of gzip's best.
        let bomb =
            isGzip
            ? try gzip([UInt8](repeating: UInt8(ascii: "a"), count: 300_000_000))
            : Self.zstdBomb(blocks: 1 << 18)
        let error = #expect(throws: FileError.self) { try tokens(ofInput: bomb) }
        #expect(error?.finding.contains("more than text does") == true)
    }

    @Test("that repeat themselves, but not beyond measure, are read")
    func repetitive() throws {
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 20_000_000)
        #expect(try tokens(ofInput: gzip(text)).count == text.count + 1)
        #expect(try tokens(ofInput: Self.zstdBomb(blocks: 100)).count == (100 << 17) + 1)
    }
}
