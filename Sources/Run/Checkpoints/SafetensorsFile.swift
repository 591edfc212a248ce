import Storage

/// A safetensors file in memory: named integer tensors and text metadata.
///
/// Writing gives the same bytes for the same tensors and metadata in the same order. It adds two
/// checksums to the metadata, which reading verifies and takes out again; see <doc:Checkpoints>.
public struct SafetensorsFile: Sendable {
    /// The most bytes that a file may have unless the caller says otherwise: 8 GiB.
    public static let defaultLimit = 8 << 30

    /// The tensors in the order of their bytes in the file.
    public var tensors: [SafetensorsTensor]
    /// Tensors that are compressed while the file is written, after the others. What was read has none: there they are
    /// tensors like others.
    let compressed: [CompressedTensor]
    /// All entries of the metadata but the two checksums.
    public var metadata: SafetensorsMetadata
    /// Whether these tensors were read from a file whose checksums were present and right. False for
    /// files of other tools and for what was made in memory.
    public let hasVerifiedPayload: Bool

    /// Makes a file in memory.
    public init(
        tensors: [SafetensorsTensor], compressed: [CompressedTensor] = [],
        metadata: SafetensorsMetadata = [:]
    ) {
        self.init(tensors, compressed, metadata, hasVerifiedPayload: false)
    }

    private init(
        _ tensors: [SafetensorsTensor], _ compressed: [CompressedTensor],
        _ metadata: SafetensorsMetadata, hasVerifiedPayload: Bool
    ) {
        self.tensors = tensors
        self.compressed = compressed
        self.metadata = metadata
        self.hasVerifiedPayload = hasVerifiedPayload
    }

    /// The tensor of this name, or nil.
    public subscript(name: String) -> SafetensorsTensor? {
        tensors.first { $0.name == name }
    }

    /// Reads a file and checks it whole: the rules of the format and, where present, the checksums.
    /// - Throws: ``SafetensorsError`` when the file cannot be read, breaks a rule of the format,
    ///   holds a type that is no integer, or has more than `limit` bytes.
    public static func read(
        _ path: String, atMost limit: Int = defaultLimit
    ) throws(SafetensorsError) -> SafetensorsFile {
        let reader = try SafetensorsReader(path, atMost: limit)
        let header = try reader.readHeader()
        let tensors = try reader.readTensors(header)
        return SafetensorsFile(
            tensors, [], header.metadata, hasVerifiedPayload: header.payloadChecksum != nil)
    }
}

// A header says how long compressed tensors are, which is known when they are written. So it has room for the most that
// they may take, spaces at its end otherwise, and is written last.
extension SafetensorsFile {
    /// Writes the file whole or not at all.
    /// - Throws: ``SafetensorsError`` when a tensor's shape does not match its bytes, a name occurs
    ///   twice or is reserved, or the file cannot be written.
    public func write(to path: String) throws(SafetensorsError) {
        let length = try headerLength(path)
        let file = try safetensorsErrors { () throws(FileError) in
            let file = try AtomicFile(path)
            try file.write([UInt8](repeating: 0, count: length))
            return file
        }
        let header = try writePayload(path) { part throws(SafetensorsError) in
            try safetensorsErrors { () throws(FileError) in try file.write(part) }
        }
        let prefix = try header.encoded(path: path, length: length)
        try safetensorsErrors { () throws(FileError) in
            try file.rewind()
            try file.write(prefix)
            try file.commit()
        }
    }

    /// Hands out the bytes of the file, a part at a time. Compressed tensors are compressed twice: for the header too.
    /// - Parameters:
    ///   - name: What errors call the file.
    ///   - body: It is called with each part, in order.
    /// - Throws: ``SafetensorsError`` as ``write(to:)``, or what `body` throws.
    public func write(_ name: String, by body: ([UInt8]) throws -> Void) throws {
        let header = try writePayload(name) { _ in }
        try body(header.encoded(path: name, length: headerLength(name)))
        var failure: (any Error)?
        _ = try writePayload(name) { part in
            do { if failure == nil { try body(part) } } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// The bytes of the header with the length before it.
    private func headerLength(_ path: String) throws(SafetensorsError) -> Int {
        let sizes = compressed.map { CompressedBytes.mostBytes($0.count) }
        return try SafetensorsHeader(
            describing: self, compressedSizes: sizes, payloadChecksum: 0, path: path
        ).encoded(path: path).count
    }

    /// Hands out the bytes after the header, in parts; returns the header.
    private func writePayload(
        _ path: String, by write: ([UInt8]) throws(SafetensorsError) -> Void
    ) throws(SafetensorsError) -> SafetensorsHeader {
        var checksum = XXH64()
        for tensor in tensors {
            checksum.update(tensor.bytes)
            try write(tensor.bytes)
        }
        var sizes: [Int] = []
        for tensor in compressed {
            var size = 0
            try CompressedBytes.compress(count: tensor.count, fill: tensor.fill) {
                frame throws(SafetensorsError) in
                size += frame.count
                checksum.update(frame)
                try write(frame)
            }
            sizes.append(size)
        }
        return try SafetensorsHeader(
            describing: self, compressedSizes: sizes, payloadChecksum: checksum.digest(), path: path
        )
    }
}
