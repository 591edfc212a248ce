import Storage

/// The table at the end of a shard that says where each frame is (zstd seekable format 0.1.0).
///
/// It is a zstd skippable frame, so that any zstd program decodes a shard and passes over it.
struct SeekTable: Equatable {
    struct Frame: Equatable {
        /// The bytes of the frame in the file.
        var bytes: UInt32
        var tokens: UInt32
        /// The low 32 bits of XXH64 of the tokens.
        var checksum: UInt32
    }

    var frames: [Frame] = []

    private static let skippableMagic: UInt32 = 0x184D_2A5E
    private static let seekableMagic: UInt32 = 0x8F92_EAB1
    /// The descriptor of a table with checksums; all other bits are 0.
    private static let descriptor: UInt8 = 0x80
    private static let headerBytes = 8
    private static let entryBytes = 12
    private static let footerBytes = 9

    /// The bytes of the table of `count` frames in a file.
    static func byteCount(frames count: Int) -> Int {
        headerBytes + entryBytes * count + footerBytes
    }

    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount(frames: frames.count))
        func append(_ value: UInt32) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        append(Self.skippableMagic)
        append(UInt32(Self.entryBytes * frames.count + Self.footerBytes))
        for frame in frames {
            append(frame.bytes)
            append(frame.tokens)
            append(frame.checksum)
        }
        append(UInt32(frames.count))
        bytes.append(Self.descriptor)
        append(Self.seekableMagic)
        return bytes
    }

    init(frames: [Frame] = []) { self.frames = frames }

    /// Reads the table at the end of `file`, which holds `size` bytes and must hold `count` frames.
    ///
    /// `count` comes from the checked index, so that it bounds the memory this takes.
    init(of file: InputFile, size: Int, frames count: Int) throws {
        let tableBytes = Self.byteCount(frames: count)
        guard size > tableBytes else {
            throw ShardError(file.path, "\(size) bytes are too few for its \(count) frames")
        }
        var bytes = [UInt8](repeating: 0, count: tableBytes)
        guard try file.read(into: &bytes, at: size - tableBytes) == tableBytes else {
            throw ShardError(file.path, "ends within its seek table")
        }
        frames = try bytes.withUnsafeBytes { buffer in
            try Self.parse(buffer, frames: count, path: file.path)
        }
    }

    private static func parse(
        _ buffer: UnsafeRawBufferPointer, frames count: Int, path: String
    ) throws(ShardError) -> [Frame] {
        func word(_ offset: Int) -> UInt32 {
            buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian
        }
        let footer = buffer.count - footerBytes
        guard word(footer + 5) == seekableMagic else {
            throw ShardError(path, "does not end with a seek table")
        }
        guard buffer[footer + 4] == descriptor else {
            throw ShardError(path, "its seek table has no checksums or sets reserved bits")
        }
        guard word(footer) == UInt32(count) else {
            throw ShardError(path, "has \(word(footer)) frames, the index says \(count)")
        }
        guard word(0) == skippableMagic, word(4) == UInt32(buffer.count - headerBytes) else {
            throw ShardError(path, "its seek table does not begin where it should")
        }
        return (0..<count).map { number in
            let entry = headerBytes + number * entryBytes
            return Frame(bytes: word(entry), tokens: word(entry + 4), checksum: word(entry + 8))
        }
    }
}
