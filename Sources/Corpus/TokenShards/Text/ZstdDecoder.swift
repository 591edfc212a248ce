import CZstd
import Diagnostics
import Storage

/// Decodes text in one or more zstd frames, with skippable frames anywhere between them.
final class ZstdDecoder: TextDecoder {
    let compression: String? = "zstd"
    private let context: OpaquePointer
    /// Whether the bytes so far end where a frame ends.
    private var isBetweenFrames = true
    /// The first bytes of the frame that is being decoded.
    private var frameStart: [UInt8] = []

    /// Frames that need a larger window are refused: 2^27 bytes, which is also what zstd allows.
    private static let maximumWindowLog: Int32 = 27

    init() throws(CodecError) {
        guard let context = ZSTD_createDCtx() else { throw .noMemory("zstd") }
        self.context = context
        _ = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.maximumWindowLog)
    }

    deinit { ZSTD_freeDCtx(context) }

    func read(_ input: RawInput, into output: UnsafeMutableRawBufferPointer) throws -> Int {
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        while true {
            let hasInput = try input.fill()
            // Between frames zstd has nothing left to give, and would ask for another header.
            if !hasInput && isBetweenFrames { return 0 }
            if isBetweenFrames { frameStart = [] }
            frameStart += input.rest.prefix(ZstdFrame.longestHeader - frameStart.count)
            var source = ZSTD_inBuffer(src: input.rest.baseAddress, size: input.rest.count, pos: 0)
            let result = ZSTD_decompressStream(context, &target, &source)
            guard ZSTD_isError(result) == 0 else { throw problem(result, input.file.path) }
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

    /// What an error of zstd says about the frame: that it is damaged, or only that more is needed to decode it.
    private func problem(_ code: Int, _ path: String) -> any UserError {
        let frame = ZstdFrame(frameStart)
        switch ZSTD_getErrorCode(code) {
        case ZSTD_error_frameParameter_windowTooLarge:
            guard let log = frame.windowLog, log <= 31 else { break }
            return TextError(
                path,
                "its zstd data needs a window of 2^\(log) bytes, more than the 2^27 that are held here",
                remedy: TextError.remedy(by: "zstd -d --long=\(log) -c", path),
                label: "zstd with a long window")
        case ZSTD_error_dictionary_wrong:
            let name = frame.dictionary.map { " number \($0)" } ?? ""
            return TextError(
                path, "its zstd data needs the dictionary\(name) that it was made with",
                remedy: TextError.remedy(by: "zstd -d -D DICTIONARY -c", path),
                label: "zstd with a dictionary")
        default: break
        }
        return FileError(
            path, "its zstd data is damaged (\(String(cString: ZSTD_getErrorName(code))))",
            remedy: "restore the file from its source")
    }
}

/// What the header of a zstd frame says (RFC 8878, section 3.1.1.1).
private struct ZstdFrame {
    /// The most bytes of a header: magic, descriptor, window, dictionary and content size.
    static let longestHeader = 4 + 1 + 1 + 4 + 8

    private let header: [UInt8]

    init(_ start: [UInt8]) { header = start }

    /// The number of the dictionary that the frame needs.
    var dictionary: UInt32? {
        let number = ZSTD_getDictID_fromFrame(header, header.count)
        return number == 0 ? nil : number
    }

    /// The least n so that 2^n bytes hold the window.
    var windowLog: Int? {
        guard header.count > 5 else { return nil }
        let isSingleSegment = header[4] & 0x20 != 0
        if isSingleSegment {
            let size = ZSTD_getFrameContentSize(header, header.count)
            guard size > 1, size < 1 << 62 else { return nil }
            return UInt64.bitWidth - (size - 1).leadingZeroBitCount
        }
        // An exponent, and eighths of that power of two to add.
        return 10 + Int(header[5] >> 3) + (header[5] & 7 == 0 ? 0 : 1)
    }
}
