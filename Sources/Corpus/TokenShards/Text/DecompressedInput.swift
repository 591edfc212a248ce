import Diagnostics
import Storage

/// The bytes of an input, decompressed where its first bytes say that it is compressed.
///
/// Memory does not depend on the input: a read buffer, and the window of the compression, which is
/// at most 128 MiB for zstd. Time: what compressed data may expand to is limited, so that a small file cannot
/// fill a disk.
final class DecompressedInput {
    /// Bytes that ``head`` holds, or all where there are fewer.
    static let headBytes = 4096
    /// Bytes of text that compressed data may give whatever its size, and for each of its own bytes. Text shrinks to a
    /// third or a tenth, logs and tables to a hundredth; made-up data gives thousands of bytes for one.
    private static let (freeBytes, largestRatio) = (64 << 20, 250)

    let path: String
    private let raw: RawInput
    private let decoder: any TextDecoder
    /// Bytes given by the decoder so far.
    private var textBytes = 0
    private var isAtEnd = false

    /// The first bytes, which ``read(into:)`` gives as well.
    private(set) var head: [UInt8]
    private var givenOfHead = 0

    /// Opens an input and reads its beginning.
    /// - Throws: ``TextError``, or `FileError` when it cannot be read.
    init(_ file: InputFile) throws {
        path = file.path
        raw = RawInput(file)
        _ = try raw.fill(atLeast: 4)
        decoder = try Self.decoder(for: raw.rest)
        head = [UInt8](repeating: 0, count: Self.headBytes)
        var held = 0
        var isFull = false
        while !isFull {
            let added = try head.withUnsafeMutableBytes { bytes in
                try decode(into: UnsafeMutableRawBufferPointer(rebasing: bytes[held...]))
            }
            held += added
            isFull = added == 0 || held == Self.headBytes
        }
        head.removeLast(Self.headBytes - held)
    }

    /// Whether ``head`` is all there is.
    var isWholeInHead: Bool { head.count < Self.headBytes }

    /// What the data is compressed with; nil for plain data.
    var compression: String? { decoder.compression }

    /// The bytes of the file that were read so far.
    var bytesRead: Int { raw.bytesRead }

    /// Puts the next bytes at the start of `output`.
    /// - Returns: How many, 0 at the end.
    /// - Throws: ``TextError``, or `FileError` naming the input where compressed data is damaged, cut off, or expands
    ///   beyond measure.
    func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        guard givenOfHead == head.count else {
            let count = min(output.count, head.count - givenOfHead)
            output.copyBytes(from: head[givenOfHead..<givenOfHead + count])
            givenOfHead += count
            return count
        }
        return try decode(into: output)
    }

    private func decode(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        guard !isAtEnd else { return 0 }
        let count = try decoder.read(raw, into: output)
        isAtEnd = count == 0
        textBytes += count
        guard
            compression == nil
                || textBytes / Self.largestRatio <= bytesRead + Self.freeBytes / Self.largestRatio
        else {
            throw FileError(
                path,
                "its first \(bytesRead.counted("byte")) expand to \(textBytes), more than text does",
                remedy: "check where it comes from; if it is sound, decompress it first")
        }
        return count
    }

    private static func decoder(for start: UnsafeRawBufferPointer) throws -> any TextDecoder {
        if start.starts(with: [0x1F, 0x8B]) { return try GzipDecoder() }
        guard start.count >= 4 else { return PlainDecoder() }
        let magic = start.loadUnaligned(as: UInt32.self).littleEndian
        // A zstd frame, or one of the 16 kinds of skippable frames before it.
        if magic == 0xFD2F_B528 || magic & 0xFFFF_FFF0 == 0x184D_2A50 { return try ZstdDecoder() }
        return PlainDecoder()
    }
}

/// A way to get text out of the bytes of an input.
protocol TextDecoder: AnyObject {
    /// What the bytes are compressed with; nil where they are not.
    var compression: String? { get }

    /// Puts the next bytes of the text at the start of `output`; 0 at the end.
    func read(_ input: RawInput, into output: UnsafeMutableRawBufferPointer) throws -> Int
}

/// Gives text that is not compressed.
private final class PlainDecoder: TextDecoder {
    let compression: String? = nil

    func read(_ input: RawInput, into output: UnsafeMutableRawBufferPointer) throws -> Int {
        try input.read(into: output)
    }
}
