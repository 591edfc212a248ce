import CZstd
import Diagnostics

/// Decodes zstd frames one at a time, checking each against its entry in the seek table.
final class FrameDecoder {
    private let context: OpaquePointer

    init() throws(CodecError) {
        guard let context = ZSTD_createDCtx() else { throw .noMemory("zstd") }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Decodes `frame` into `tokens`, whose size is the number of tokens the frame must hold.
    ///
    /// The content checksum that ends a zstd frame is the same number as the seek table's: the low
    /// 32 bits of XXH64 of the content. So it suffices that the two stored numbers are equal, since
    /// zstd itself compares the first with the content.
    /// - Throws: ``FrameProblem`` where the frame is not what the seek table says.
    func decode(
        _ frame: UnsafeRawBufferPointer, checksum: UInt32,
        into tokens: UnsafeMutableRawBufferPointer
    ) throws(FrameProblem) {
        guard FrameHeader.isValid(frame) else {
            throw FrameProblem("is not a zstd frame of a shard")
        }
        guard ZSTD_getFrameContentSize(frame.baseAddress, frame.count) == UInt64(tokens.count)
        else { throw FrameProblem("does not hold \(tokens.count.counted("token")) as listed") }
        guard ZSTD_findFrameCompressedSize(frame.baseAddress, frame.count) == frame.count else {
            throw FrameProblem("does not fill \(frame.count.counted("byte")) as listed")
        }
        guard FrameHeader.storedChecksum(frame) == checksum else {
            throw FrameProblem("has another checksum than the seek table")
        }
        let count = ZSTD_decompressDCtx(
            context, tokens.baseAddress, tokens.count, frame.baseAddress, frame.count)
        guard ZSTD_isError(count) == 0 else {
            throw FrameProblem("cannot be decoded (\(String(cString: ZSTD_getErrorName(count))))")
        }
        guard count == tokens.count else {
            throw FrameProblem("holds only \(count.counted("token"))")
        }
    }
}

/// What is wrong with a frame; ``ShardFile`` adds the shard and the frame's number.
struct FrameProblem: Error {
    let finding: String
    init(_ finding: String) { self.finding = finding }
}

/// The fixed parts of a zstd frame that a reader looks at itself (RFC 8878, section 3.1.1).
enum FrameHeader {
    private static let magic: UInt32 = 0xFD2F_B528
    /// The fewest bytes of a frame: magic, descriptor, at least one byte of size, an empty block, and the checksum.
    private static let minimumBytes = 4 + 1 + 1 + 3 + 4

    /// Whether the frame is long enough and has a content checksum, no dictionary, and no reserved
    /// bit set.
    static func isValid(_ frame: UnsafeRawBufferPointer) -> Bool {
        guard frame.count >= minimumBytes else { return false }
        let found = frame.loadUnaligned(as: UInt32.self).littleEndian
        // Low five bits of the descriptor: unused, reserved, checksum, and two of dictionary.
        return found == magic && frame[4] & 0b1_1111 == 0b0_0100
    }

    /// The checksum that ends a valid frame.
    static func storedChecksum(_ frame: UnsafeRawBufferPointer) -> UInt32 {
        frame.loadUnaligned(fromByteOffset: frame.count - 4, as: UInt32.self).littleEndian
    }
}
