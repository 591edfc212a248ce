import CZstd

/// Makes zstd frames, each with its content size in the header and a checksum at its end.
final class FrameEncoder {
    private let context: OpaquePointer
    private var output: [UInt8]

    /// Makes an encoder of frames with at most `frameTokens` tokens, at a zstd compression level.
    init(frameTokens: Int, level: Int) throws(CodecError) {
        guard let context = ZSTD_createCCtx() else { throw .noMemory("zstd") }
        self.context = context
        output = [UInt8](repeating: 0, count: ZSTD_compressBound(frameTokens))
        let settings: [(ZSTD_cParameter, Int32)] = [
            (ZSTD_c_compressionLevel, Int32(level)),
            (ZSTD_c_checksumFlag, 1),
            (ZSTD_c_contentSizeFlag, 1),
        ]
        for (parameter, value) in settings {
            try Self.check(ZSTD_CCtx_setParameter(context, parameter, value))
        }
    }

    deinit { ZSTD_freeCCtx(context) }

    /// Calls `body` with the frame that holds `tokens`, and with their checksum.
    func encode(
        _ tokens: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, UInt32) throws -> Void
    ) throws {
        try output.withUnsafeMutableBytes { buffer in
            let count = ZSTD_compress2(
                context, buffer.baseAddress, buffer.count, tokens.baseAddress, tokens.count)
            try Self.check(count)
            let frame = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            try body(frame, FrameHeader.storedChecksum(frame))
        }
    }

    private static func check(_ result: Int) throws(CodecError) {
        guard ZSTD_isError(result) == 0 else {
            throw CodecError(
                location: "zstd",
                finding: "cannot compress (\(String(cString: ZSTD_getErrorName(result))))",
                remedy: "check the memory of the machine and the version of libzstd")
        }
    }
}
