import CZstd

/// Makes zstd frames, each with its content size in the header and a checksum at its end.
final class FrameEncoder {
    private let context: OpaquePointer

    /// Makes an encoder at a zstd compression level.
    init(level: Int) throws(CodecError) {
        guard let context = ZSTD_createCCtx() else { throw .noMemory("zstd") }
        self.context = context
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

    /// The most bytes that the frame of so many tokens may have.
    static func bound(_ tokens: Int) -> Int { ZSTD_compressBound(tokens) }

    /// Writes the frame that holds `tokens`, whatever was encoded before.
    /// - Parameter output: It has room for ``bound(_:)`` bytes.
    /// - Returns: The bytes of the frame.
    func encode(
        _ tokens: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CodecError) -> Int {
        let count = ZSTD_compress2(
            context, output.baseAddress, output.count, tokens.baseAddress, tokens.count)
        try Self.check(count)
        return count
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
