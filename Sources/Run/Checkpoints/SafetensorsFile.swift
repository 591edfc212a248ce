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
    /// All entries of the metadata but the two checksums.
    public var metadata: SafetensorsMetadata
    /// Whether these tensors were read from a file whose checksums were present and right. False for
    /// files of other tools and for what was made in memory.
    public let hasVerifiedPayload: Bool

    /// Makes a file in memory.
    public init(tensors: [SafetensorsTensor], metadata: SafetensorsMetadata = [:]) {
        self.init(tensors: tensors, metadata: metadata, hasVerifiedPayload: false)
    }

    private init(
        tensors: [SafetensorsTensor], metadata: SafetensorsMetadata, hasVerifiedPayload: Bool
    ) {
        self.tensors = tensors
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
            tensors: tensors, metadata: header.metadata,
            hasVerifiedPayload: header.payloadChecksum != nil)
    }

    /// Writes the file whole or not at all.
    /// - Throws: ``SafetensorsError`` when a tensor's shape does not match its bytes, a name occurs
    ///   twice or is reserved, or the file cannot be written.
    public func write(to path: String) throws(SafetensorsError) {
        let prefix = try encodedHeader(path)
        try safetensorsErrors { () throws(FileError) in
            let file = try AtomicFile(path)
            try file.write(prefix)
            for tensor in tensors { try file.write(tensor.bytes) }
            try file.commit()
        }
    }

    /// Hands out the bytes of the file, a part at a time.
    /// - Parameters:
    ///   - name: What errors call the file.
    ///   - body: It is called with each part, in order.
    /// - Throws: ``SafetensorsError`` as ``write(to:)``, or what `body` throws.
    public func write(_ name: String, by body: ([UInt8]) throws -> Void) throws {
        try body(try encodedHeader(name))
        for tensor in tensors { try body(tensor.bytes) }
    }

    private func encodedHeader(_ path: String) throws(SafetensorsError) -> [UInt8] {
        try SafetensorsHeader(describing: self, path: path).encoded(path: path)
    }
}
