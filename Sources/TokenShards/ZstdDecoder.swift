import CZstd
import Storage

/// Text in one or more zstd frames, with skippable frames anywhere between them.
final class ZstdDecoder: TextDecoder {
    private let context: OpaquePointer
    /// Whether the bytes so far end where a frame ends.
    private var isBetweenFrames = true

    /// Frames that need a larger window are refused: 2^27 bytes, which is also what zstd allows.
    private static let maximumWindowLog: Int32 = 27

    init() throws(CodecError) {
        guard let context = ZSTD_createDCtx() else { throw .noMemory("zstd") }
        self.context = context
        _ = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.maximumWindowLog)
    }

    deinit { ZSTD_freeDCtx(context) }

    func read(
        _ input: RawInput, into output: UnsafeMutableRawBufferPointer
    ) throws(FileError) -> Int {
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        while true {
            let hasInput = try input.fill()
            // Between frames zstd has nothing left to give, and would ask for another header.
            if !hasInput && isBetweenFrames { return 0 }
            var source = ZSTD_inBuffer(src: input.rest.baseAddress, size: input.rest.count, pos: 0)
            let result = ZSTD_decompressStream(context, &target, &source)
            guard ZSTD_isError(result) == 0 else {
                throw FileError(
                    input.file.path,
                    "its zstd data is damaged (\(String(cString: ZSTD_getErrorName(result))))",
                    remedy: "restore the file from its source")
            }
            input.consume(source.pos)
            isBetweenFrames = result == 0
            if target.pos > 0 { return target.pos }
            if !hasInput && !isBetweenFrames {
                throw FileError(
                    input.file.path, "its zstd data is cut off",
                    remedy: "restore the file from its source")
            }
        }
    }
}
