import Storage
import TestSupport
import Testing

@testable import Checkpoints

/// Tensors of zstd frames, and what may be wrong with them.
@Suite struct CompressedBytesTests {
    /// Bytes without a pattern that zstd would find, from a place on among zeros.
    private static func bytes(_ count: Int) -> [UInt8] {
        var state: UInt64 = 9
        return (0..<count).map { index in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return index % 4096 < 3000 ? 0 : UInt8(state >> 56)
        }
    }

    private static func compress(_ bytes: [UInt8]) throws -> [UInt8] {
        var frames: [UInt8] = []
        try CompressedBytes.compress(count: bytes.count) { range, block in
            block.copyBytes(from: bytes[range])
        } take: {
            frames += $0
        }
        return frames
    }

    private static func decompress(
        _ frames: [UInt8], count: Int
    ) throws(SafetensorsError) -> [UInt8] {
        var found: [UInt8] = []
        let tensor = SafetensorsTensor(name: "a", shape: [frames.count], uint8: frames)
        try CompressedBytes.decompress(tensor, count: count, "file") {
            (range, block) throws(SafetensorsError) in
            #expect(range == found.count..<found.count + block.count)
            found += block
        }
        return found
    }

    private static let block = CompressedBytes.blockBytes

    @Test(arguments: [1, 1000, block - 1, block, block + 1, 2 * block, 2 * block + 77])
    func bytesAreReadAsTheyWere(_ count: Int) throws {
        let bytes = Self.bytes(count)
        #expect(try Self.decompress(Self.compress(bytes), count: count) == bytes)
    }

    @Test func zerosTakeLittleRoom() throws {
        let count = 3 * Self.block
        let frames = try Self.compress([UInt8](repeating: 0, count: count))
        #expect(frames.count < count / 1000)
        #expect(try Self.decompress(frames, count: count).allSatisfy { $0 == 0 })
    }

    @Test(arguments: [1, 2, 256, 1 << 16, block / 2, block / 2 + 1])
    func tensorsAreReadAsTheyWere(_ count: Int) throws {
        let bytes = Self.bytes(count)
        let directory = try TemporaryDirectory()
        let path = directory.file("a.safetensors")
        let compressed = CompressedTensor(name: "readings", count: count) { range, block in
            block.copyBytes(from: bytes[range])
        }
        let whole = SafetensorsTensor(name: "whole", shape: [3], int8: [1, 2, 3])
        let file = SafetensorsFile(
            tensors: [whole], compressed: [compressed], metadata: ["key": "value"])
        try file.write(to: path)
        // In parts it has the same bytes.
        var parts: [UInt8] = []
        try file.write("parts") { parts += $0 }
        #expect(try parts == Files.read(path, atMost: 1 << 30))

        let found = try SafetensorsFile.read(path)
        #expect(found.hasVerifiedPayload && found.metadata == ["key": "value"])
        #expect(found.tensors.map(\.name) == ["whole", "readings"] && found["whole"] == whole)
        let tensor = try #require(found["readings"])
        #expect(tensor.bytes.count <= CompressedBytes.mostBytes(count))
        var read: [UInt8] = []
        try tensor.decompress(count: count, "file") { _, block in
            read += block
        }
        #expect(read == bytes)
        for other in [count - 1, count + 1, 2 * count] where other > 0 {
            #expect(throws: SafetensorsError.self) {
                try tensor.decompress(count: other, "file") { _, _ in }
            }
        }
    }

    // MARK: Damage

    private func expectDamage(
        _ frames: [UInt8], count: Int, _ finding: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: SafetensorsError.self, sourceLocation: sourceLocation) {
            try Self.decompress(frames, count: count)
        }
        #expect(
            error?.finding.contains(finding) == true, "\(error?.finding ?? "none")",
            sourceLocation: sourceLocation)
        #expect(error?.location == "file: tensor 'a'", sourceLocation: sourceLocation)
    }

    @Test func everyCutIsFound() throws {
        let frames = try Self.compress(Self.bytes(5000))
        for count in frames.indices {
            expectDamage(Array(frames[..<count]), count: 5000, "is no zstd frame at byte 0")
        }
    }

    @Test func bytesAfterTheLastFrameAreFound() throws {
        let frames = try Self.compress(Self.bytes(5000))
        expectDamage(frames + [0], count: 5000, "has 1 bytes too many")
        expectDamage(
            frames + frames, count: 5000, "has \(frames.count) bytes too many")
    }

    @Test func aMissingFrameIsFound() throws {
        let bytes = Self.bytes(Self.block + 50)
        let first = try Self.compress(Array(bytes.prefix(Self.block)))
        expectDamage(first, count: bytes.count, "is no zstd frame at byte \(first.count)")
    }

    @Test(arguments: [1, 4999, 5001, 100_000]) func aFrameOfOtherBytesIsFound(_ count: Int) throws {
        let frames = try Self.compress(Self.bytes(count))
        expectDamage(frames, count: 5000, "has a zstd frame that does not hold 5000 bytes")
    }

    /// Frames hold whole blocks: others would have to be kept until the next.
    @Test func blocksOfOtherSizesAreRefused() throws {
        let bytes = Self.bytes(Self.block + 50)
        let halves = try [bytes.prefix(Self.block / 2), bytes.dropFirst(Self.block / 2)]
            .flatMap { try Self.compress(Array($0)) }
        expectDamage(halves, count: bytes.count, "does not hold \(Self.block) bytes")
    }

    /// zstd may skip what a frame of another kind holds.
    @Test func aFrameThatIsSkippedIsNone() throws {
        let skippable: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 1, 2]
        let frames = try Self.compress(Self.bytes(5000))
        expectDamage(skippable + frames, count: 5000, "does not hold 5000 bytes")
        expectDamage(frames + skippable, count: 5000, "has 10 bytes too many")
    }

    @Test func whatIsNoListOfBytesIsRefused() throws {
        let frames = try Self.compress(Self.bytes(100))
        let others = [
            SafetensorsTensor(name: "a", shape: [frames.count, 1], uint8: frames),
            SafetensorsTensor(name: "a", shape: [1, frames.count], uint8: frames),
            SafetensorsTensor(
                name: "a", shape: [frames.count], int8: frames.map { Int8(bitPattern: $0) }),
            SafetensorsTensor(name: "a", shape: [50], uint16: [UInt16](repeating: 1, count: 50)),
        ]
        for tensor in others {
            let error = #expect(throws: SafetensorsError.self) {
                try CompressedBytes.decompress(tensor, count: 100, "file") { _, _ in }
            }
            #expect(error?.finding == "is no list of U8")
        }
    }

    /// Every changed bit is refused, or gives as many bytes: only checksums of the file see more.
    @Test func everyFlippedBitIsReadOrRefused() throws {
        let frames = try Self.compress(Self.bytes(5000))
        for bit in 0..<8 * min(frames.count, 400) {
            var damaged = frames
            damaged[bit / 8] ^= 1 << (bit % 8)
            do throws(SafetensorsError) {
                #expect(try Self.decompress(damaged, count: 5000).count == 5000)
            } catch {
                #expect(error.location == "file: tensor 'a'")
            }
        }
    }
}
