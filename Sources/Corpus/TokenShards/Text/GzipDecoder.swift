import CZlib
import Storage

/// Decodes text in one or more gzip members.
final class GzipDecoder: TextDecoder {
    let compression: String? = "gzip"
    /// The stream of zlib, which keeps a pointer back to it, so that the stream must stay where it is.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var isBetweenMembers = false

    /// The largest window, and gzip framing only (16 added).
    private static let windowBits: Int32 = 15 + 16

    init() throws(CodecError) {
        stream.initialize(to: z_stream())
        let code = inflateInit2_(
            stream, Self.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw .noMemory("zlib") }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func read(_ input: RawInput, into output: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let hasInput = try input.fill()
            if isBetweenMembers {
                guard try beginMember(input) else { return 0 }
            }
            let count = try inflateNext(input, into: output)
            if count > 0 { return count }
            guard hasInput || isBetweenMembers else {
                throw damaged(input, "is cut off")
            }
        }
    }

    /// Decodes what fits, and notes the end of a member.
    private func inflateNext(
        _ input: RawInput, into output: UnsafeMutableRawBufferPointer
    ) throws(FileError) -> Int {
        let source = input.rest
        let room = UInt32(clamping: output.count)
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: source.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(clamping: source.count)
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = room
        let offered = stream.pointee.avail_in
        let code = inflate(stream, Z_NO_FLUSH)
        input.consume(Int(offered - stream.pointee.avail_in))
        switch code {
        case Z_OK, Z_BUF_ERROR: break  // Z_BUF_ERROR: nothing to do without more input
        case Z_STREAM_END: isBetweenMembers = true
        default:
            let message = stream.pointee.msg.map { String(cString: $0) } ?? "error \(code)"
            throw damaged(input, "is damaged (\(message))")
        }
        return Int(room - stream.pointee.avail_out)
    }

    /// Prepares for the member that begins at the unread bytes. False at the end of the input, where
    /// zero bytes may pad the file to a block of its medium.
    private func beginMember(_ input: RawInput) throws(FileError) -> Bool {
        var padded = false
        while try input.fill() {
            let rest = input.rest
            guard let start = rest.firstIndex(where: { $0 != 0 }) else {
                padded = true
                input.consume(rest.count)
                continue
            }
            guard start == 0, !padded, rest[0] == 0x1F else {
                throw damaged(input, "is followed by other bytes")
            }
            inflateReset(stream)
            isBetweenMembers = false
            return true
        }
        return false
    }

    private func damaged(_ input: RawInput, _ finding: String) -> FileError {
        FileError(
            input.file.path, "its gzip data \(finding)", remedy: "restore the file from its source")
    }
}
