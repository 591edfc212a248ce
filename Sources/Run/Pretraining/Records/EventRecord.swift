import FixedPoint
import Storage

/// A number that TensorBoard draws.
struct EventScalar: Equatable, Sendable {
    /// The name of the curve; what comes before its `/` is the name of a group of curves.
    let tag: String
    /// The number as the bits of a binary32.
    let bits: UInt32

    /// A quotient, rounded to the nearest number that a binary32 can be.
    /// - Precondition: `denominator > 0`.
    init(_ tag: String, _ numerator: Int64, over denominator: Int64) {
        self.tag = tag
        bits = FloatingBits.single(numerator, over: denominator)
    }

    /// A part of a whole.
    init(_ tag: String, _ part: Int, of whole: Int) {
        self.init(tag, Int64(part), over: Int64(max(1, whole)))
    }
}

/// The records of an event file, as TensorBoard reads them.
///
/// A file is a sequence of TFRecords: the length of the content in 8 bytes, its masked CRC-32C in 4, the content and its
/// masked CRC-32C in 4, all little-endian. The content is an `Event` in the wire format of protocol buffers. The first
/// says the version of the file, each later one holds the scalars of a step.
enum EventRecord {
    /// The bytes before the content.
    static let headerBytes = 12
    /// The bytes after the content.
    static let checkBytes = 4
    /// More bytes than any content has: the diagnostics of 64 layers take some 2^17.
    static let longestContent = 1 << 20

    private static let version = "brain.Event:2"
    /// The header of the first record, which is the same in every file.
    static let opening = header(of: versionContent(wallMicroseconds: 0).count)
    /// The bytes of the first record.
    static let firstBytes = record(versionContent(wallMicroseconds: 0)).count

    /// The first record of a file.
    static func first(wallMicroseconds: Int64) -> [UInt8] {
        record(versionContent(wallMicroseconds: wallMicroseconds))
    }

    private static func versionContent(wallMicroseconds: Int64) -> [UInt8] {
        time(wallMicroseconds) + field(3, Array(version.utf8))
    }

    /// The record of a step. Its length does not depend on the numbers, so that a step which is done again after a
    /// crash has its record at the same place: a TensorBoard that has read further loses nothing.
    static func step(
        _ step: Int, wallMicroseconds: Int64, _ scalars: [EventScalar]
    ) -> [UInt8] {
        let values = scalars.flatMap { scalar in
            var value = field(1, Array(scalar.tag.utf8))
            value.append(key(2, .fixed32))
            value.append(littleEndian: scalar.bits)
            return field(1, value)
        }
        return record(
            time(wallMicroseconds) + [key(2, .varint)] + varint(UInt64(step)) + field(5, values))
    }

    /// The step of a content that ``step(_:wallMicroseconds:_:)`` or ``first(wallMicroseconds:)`` made: 0 of the
    /// latter; nil for any other content.
    static func step(of content: ArraySlice<UInt8>) -> Int? {
        let rest = content.dropFirst(1 + MemoryLayout<UInt64>.size)
        guard content.first == key(1, .fixed64), let next = rest.first else { return nil }
        guard next == key(2, .varint) else { return next == key(3, .bytes) ? 0 : nil }
        var step: UInt64 = 0
        for (index, byte) in rest.dropFirst().prefix(9).enumerated() {
            step |= UInt64(byte & 0x7F) << UInt64(7 * index)
            if byte < 0x80 { return Int(exactly: step) }
        }
        return nil
    }

    // MARK: TFRecord

    private static func record(_ content: [UInt8]) -> [UInt8] {
        var bytes = header(of: content.count) + content
        bytes.append(littleEndian: CRC32C.masked(content))
        return bytes
    }

    private static func header(of length: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt64(length))
        bytes.append(littleEndian: CRC32C.masked(bytes))
        return bytes
    }

    /// The length of the content after a header; nil where the header is damaged.
    static func contentLength(_ header: [UInt8]) -> Int? {
        guard header.count == headerBytes,
            CRC32C.masked(header.prefix(8)) == header.word32(at: 8)
        else { return nil }
        let length = header.word64(at: 0)
        return length <= UInt64(longestContent) ? Int(length) : nil
    }

    // MARK: Protocol buffers

    /// How the value of a field is written.
    private enum WireType: UInt8 {
        case varint = 0
        case fixed64 = 1
        case bytes = 2
        case fixed32 = 5
    }

    private static func key(_ number: UInt8, _ type: WireType) -> UInt8 {
        number << 3 | type.rawValue
    }

    /// Seven bits a byte, the lowest first; all bytes but the last have their highest bit set.
    private static func varint(_ value: UInt64) -> [UInt8] {
        var (bytes, rest): ([UInt8], UInt64) = ([], value)
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        [key(number, .bytes)] + varint(UInt64(content.count)) + content
    }

    /// The field of the time, in seconds since 1970 as a binary64.
    private static func time(_ microseconds: Int64) -> [UInt8] {
        var bytes = [key(1, .fixed64)]
        bytes.append(littleEndian: FloatingBits.double(microseconds, over: 1_000_000))
        return bytes
    }
}
