import CZstd

/// Bytes as zstd frames in a tensor of U8: what is mostly zeros takes little room in a file.
///
/// Every frame but the last holds ``blockBytes`` bytes, so that neither side needs the whole twice in memory.
enum CompressedBytes {
    /// The bytes that a frame holds.
    static let blockBytes = 1 << 22
    /// The compression level: the fastest; others gain little on weights.
    private static let level: Int32 = 1

    /// Compresses `count` bytes, which `fill` gives block by block, in order.
    static func compress(
        count: Int, fill: (_ range: Range<Int>, _ block: UnsafeMutableRawBufferPointer) -> Void
    ) throws(SafetensorsError) -> [UInt8] {
        var frames: [UInt8] = []
        // An array that grew would be copied while most of it is there; pages that are never reached take no room.
        frames.reserveCapacity(ZSTD_compressBound(count))
        var block = [UInt8](repeating: 0, count: min(count, blockBytes))
        var frame = [UInt8](repeating: 0, count: ZSTD_compressBound(block.count))
        for first in stride(from: 0, to: count, by: blockBytes) {
            let size = min(blockBytes, count - first)
            block.withUnsafeMutableBytes {
                fill(first..<first + size, .init(rebasing: $0[..<size]))
            }
            let written = ZSTD_compress(&frame, frame.count, block, size, level)
            guard ZSTD_isError(written) == 0 else {
                throw SafetensorsError(
                    nil, .file,
                    "cannot be compressed (\(String(cString: ZSTD_getErrorName(written))))",
                    remedy: "check the memory of the machine and the version of libzstd")
            }
            frames += frame[..<written]
        }
        return frames
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

extension SafetensorsTensor {
    /// Makes a tensor of `count` bytes, compressed, which `fill` gives block by block, in order.
    public init(
        name: String, compressing count: Int,
        fill: (_ range: Range<Int>, _ block: UnsafeMutableRawBufferPointer) -> Void
    ) throws(SafetensorsError) {
        let frames = try CompressedBytes.compress(count: count, fill: fill)
        self.init(name: name, shape: [frames.count], uint8: frames)
    }

    /// Hands out the `count` bytes that ``init(name:compressing:fill:)`` has compressed, block by block.
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
