import CZstd
import Diagnostics
import Storage
import Synchronization

/// One shard of a data set, its seek table read and checked.
///
/// The first frame that is read has the hash of the whole file checked before it: every stored byte is verified,
/// also those that change no token. The file is opened for each frame, so that a data set of any number of
/// shards takes no more than one descriptor. Memory: 12 bytes for each frame.
struct ShardFile: Sendable {
    let path: String
    let tokens: Int
    let frameTokens: Int
    /// Where each frame begins in the file, and where the last one ends: [frames + 1].
    private let offsets: [Int]
    /// The low 32 bits of XXH64 of the tokens of each frame: [frames].
    private let checksums: [UInt32]
    /// XXH64 of the file's bytes, as the index says.
    private let hash: UInt64
    private let verification = Verification()

    /// Whether the file's hash was found right, shared by the copies of a value.
    private final class Verification: Sendable {
        let isDone = Atomic(false)
    }

    var frameCount: Int { checksums.count }

    /// Opens the shard that `entry` of an index describes.
    /// - Throws: ``ShardError`` where the file differs from the entry or its seek table is wrong.
    init(_ entry: ShardIndex.Shard, path: String) throws {
        self.path = path
        tokens = entry.tokens
        hash = entry.hash
        frameTokens = entry.frameTokens
        let count = (entry.tokens - 1) / entry.frameTokens + 1
        guard count <= ShardLayout.maximumFramesPerShard else {
            throw ShardError(path, "would have \(count) frames, more than allowed")
        }
        // Asked before opening: opening a pipe would wait for a writer.
        guard try Files.kind(path) != .other else {
            throw ShardError(path, "is a pipe or a device")
        }
        let file = try InputFile(path)
        guard file.size == entry.bytes else {
            let size = file.size.map { $0.counted("byte") } ?? "no size"
            throw ShardError(path, "has \(size), the index says \(entry.bytes)")
        }
        let table = try SeekTable(of: file, size: entry.bytes, frames: count)
        checksums = table.frames.map(\.checksum)
        offsets = try Self.offsets(table, of: entry, path: path)
    }

    /// The offsets of the frames, after checking that the sizes in the table add up.
    private static func offsets(
        _ table: SeekTable, of entry: ShardIndex.Shard, path: String
    ) throws(ShardError) -> [Int] {
        var offsets = [0]
        offsets.reserveCapacity(table.frames.count + 1)
        var end = 0
        for (number, frame) in table.frames.enumerated() {
            let expected = min(entry.frameTokens, entry.tokens - number * entry.frameTokens)
            guard Int(frame.tokens) == expected else {
                throw ShardError(
                    path, frame: number,
                    "is listed with \(frame.tokens.counted("token")), expected \(expected)")
            }
            guard Int(frame.bytes) <= ZSTD_compressBound(expected) else {
                throw ShardError(
                    path, frame: number,
                    "is listed with \(frame.bytes.counted("byte")), more than possible")
            }
            end += Int(frame.bytes)
            offsets.append(end)
        }
        let expected = entry.bytes - SeekTable.byteCount(frames: table.frames.count)
        guard end == expected else {
            throw ShardError(path, "its frames take \(end) bytes, expected \(expected)")
        }
        return offsets
    }

    /// The number of tokens in a frame.
    func tokenCount(frame: Int) -> Int {
        min(frameTokens, tokens - frame * frameTokens)
    }

    /// Adds the token count and the checksum of each frame.
    func addContent(to hash: inout XXH64) {
        for frame in 0..<frameCount {
            for word in [UInt32(tokenCount(frame: frame)), checksums[frame]] {
                withUnsafeBytes(of: word.littleEndian) { hash.update($0) }
            }
        }
    }

    /// Reads, decodes and checks one frame, after the whole file was verified once. `scratch` is memory for the
    /// compressed frame, which grows as needed; `output` has exactly the room for the frame's tokens.
    func decode(
        frame: Int, with decoder: FrameDecoder, scratch: inout [UInt8],
        into output: UnsafeMutableRawBufferPointer
    ) throws {
        try verifyOnce()
        try decodeUnverified(frame: frame, with: decoder, scratch: &scratch, into: output)
    }

    private func decodeUnverified(
        frame: Int, with decoder: FrameDecoder, scratch: inout [UInt8],
        into output: UnsafeMutableRawBufferPointer
    ) throws {
        let size = offsets[frame + 1] - offsets[frame]
        if scratch.count < size { scratch = [UInt8](repeating: 0, count: size) }
        let file = try InputFile(path)
        try scratch.withUnsafeMutableBytes { buffer in
            let compressed = UnsafeMutableRawBufferPointer(rebasing: buffer[..<size])
            guard try file.read(into: compressed, at: offsets[frame]) == size else {
                throw ShardError(path, frame: frame, "is cut off")
            }
            do throws(FrameProblem) {
                try decoder.decode(
                    UnsafeRawBufferPointer(compressed), checksum: checksums[frame], into: output)
            } catch {
                throw ShardError(path, frame: frame, error.finding)
            }
        }
    }

    /// Compares the file's bytes with their hash; later calls do nothing.
    /// - Throws: ``ShardError``, naming the frame where one is damaged, or `FileError`.
    func verifyOnce() throws {
        if verification.isDone.load(ordering: .acquiring) { return }
        guard try XXH64.hash(ofFile: path) == hash else {
            try forEachUnverifiedFrame { _ in }
            throw ShardError(path, "its bytes have another hash than the index says")
        }
        verification.isDone.store(true, ordering: .releasing)
    }

    /// Decodes the frames in order and passes the tokens of each to `body`.
    func forEachFrame(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try verifyOnce()
        try forEachUnverifiedFrame(body)
    }

    private func forEachUnverifiedFrame(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let decoder = try FrameDecoder()
        var scratch: [UInt8] = []
        var tokens = [UInt8](repeating: 0, count: min(frameTokens, self.tokens))
        for frame in 0..<frameCount {
            try tokens.withUnsafeMutableBytes { buffer in
                let output = UnsafeMutableRawBufferPointer(
                    rebasing: buffer[..<tokenCount(frame: frame)])
                try decodeUnverified(
                    frame: frame, with: decoder, scratch: &scratch, into: output)
                try body(UnsafeRawBufferPointer(output))
            }
        }
    }
}
