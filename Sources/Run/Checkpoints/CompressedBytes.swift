import CZstd

/// Bytes as zstd frames in a tensor of U8: what is mostly zeros takes little room in a file.
///
/// Every frame but the last holds ``blockBytes`` bytes, so that neither side needs the whole twice in memory.
enum CompressedBytes {
    /// The bytes that a frame holds.
    static let blockBytes = 1 << 22
    /// The compression level: the fastest; others gain little on weights.
    private static let level: Int32 = 1

    /// The most bytes that the frames of `count` bytes take.
    static func mostBytes(_ count: Int) -> Int {
        let whole = count / blockBytes
        return whole * ZSTD_compressBound(blockBytes) + ZSTD_compressBound(count % blockBytes)
    }

    /// Compresses `count` bytes, which `fill` gives block by block, in order, and hands out the frames one by one.
    /// - Throws: ``SafetensorsError`` where libzstd fails, or what `take` throws.
    static func compress(
        count: Int, fill: (_ range: Range<Int>, _ block: UnsafeMutableRawBufferPointer) -> Void,
        take: (_ frame: [UInt8]) throws(SafetensorsError) -> Void
    ) throws(SafetensorsError) {
        var block = [UInt8](repeating: 0, count: min(count, blockBytes))
        let mostBytes = ZSTD_compressBound(block.count)
        for first in stride(from: 0, to: count, by: blockBytes) {
            let size = min(blockBytes, count - first)
            block.withUnsafeMutableBytes {
                fill(first..<first + size, .init(rebasing: $0[..<size]))
            }
            var frame = [UInt8](repeating: 0, count: mostBytes)
            let written = ZSTD_compress(&frame, mostBytes, block, size, level)
            guard ZSTD_isError(written) == 0 else {
                throw SafetensorsError(
                    nil, .file,
                    "cannot be compressed (\(String(cString: ZSTD_getErrorName(written))))",
                    remedy: "check the memory of the machine and the version of libzstd")
            }
            frame.removeLast(mostBytes - written)
            try take(frame)
        }
    }

    /// Decompresses a tensor that ``compress(count:fill:)`` made of `count` bytes, and hands out block by block.
    /// - Throws: ``SafetensorsError`` where the frames are not of these sizes, or what `take` throws.
    static func decompress(
        _ tensor: SafetensorsTensor, count: Int, _ path: String,
        take: (_ range: Range<Int>, _ block: UnsafeRawBufferPointer) throws(SafetensorsError) ->
            Void
    ) throws(SafetensorsError) {
        func damaged(_ finding: String) -> SafetensorsError {
            .damaged(path, .tensor(tensor.name), finding)
        }
        guard tensor.type == .uint8, tensor.shape.count == 1 else {
            throw damaged("is no list of \(SafetensorsType.uint8.rawValue)")
        }
        var block = [UInt8](repeating: 0, count: min(count, blockBytes))
        var rest = tensor.bytes[...]
        for first in stride(from: 0, to: count, by: blockBytes) {
            let size = min(blockBytes, count - first)
            let frame = rest.withUnsafeBytes {
                ZSTD_findFrameCompressedSize($0.baseAddress, $0.count)
            }
            guard ZSTD_isError(frame) == 0, frame <= rest.count else {
                throw damaged("is no zstd frame at byte \(rest.startIndex)")
            }
            let written = rest.withUnsafeBytes {
                ZSTD_decompress(&block, size, $0.baseAddress, frame)
            }
            guard ZSTD_isError(written) == 0, written == size else {
                throw damaged("has a zstd frame that does not hold \(size) bytes")
            }
            rest = rest.dropFirst(frame)
            let result = block.withUnsafeBytes { bytes -> Result<Void, SafetensorsError> in
                Result { () throws(SafetensorsError) in
                    try take(first..<first + size, .init(rebasing: bytes[..<size]))
                }
            }
            try result.get()
        }
        guard rest.isEmpty else { throw damaged("has \(rest.count) bytes too many") }
    }
}

/// A tensor of U8 in a file that is being written: bytes as zstd frames. They are compressed block by block as they are
/// written, so that they are never in memory as a whole.
public struct CompressedTensor: Sendable {
    /// The name of the tensor.
    let name: String
    /// The number of bytes before they are compressed.
    let count: Int
    /// Writes a range of the bytes to a block of the same size.
    let fill: @Sendable (_ range: Range<Int>, _ block: UnsafeMutableRawBufferPointer) -> Void

    /// Describes a tensor of `count` bytes, which `fill` gives block by block, in order, as often as it is asked.
    public init(
        name: String, count: Int,
        fill: @escaping @Sendable (Range<Int>, UnsafeMutableRawBufferPointer) -> Void
    ) {
        self.name = name
        self.count = count
        self.fill = fill
    }
}

extension SafetensorsTensor {
    /// Hands out the `count` bytes that a ``CompressedTensor`` of a file has, block by block.
    /// - Throws: ``SafetensorsError`` where the tensor does not hold so many, or `take` returns false.
    public func decompress(
        count: Int, _ path: String,
        take: (_ range: Range<Int>, _ block: UnsafeRawBufferPointer) -> Void
    ) throws(SafetensorsError) {
        try CompressedBytes.decompress(self, count: count, path) {
            (range, block) throws(SafetensorsError) in take(range, block)
        }
    }
}
