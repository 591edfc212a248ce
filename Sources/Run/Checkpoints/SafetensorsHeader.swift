import Storage

/// The header of a safetensors file: what its tensors are and where their bytes lie.
struct SafetensorsHeader: Equatable {
    /// One tensor; `range` counts bytes from the start of the buffer.
    struct Entry: Equatable {
        let name: String
        let type: SafetensorsType
        let shape: [Int]
        let range: Range<Int>
    }

    /// The longest header that the format allows.
    static let longest = 100_000_000
    /// The bytes before the header: its length as a 64-bit little-endian number.
    static let lengthSize = 8
    static let metadataKey = "__metadata__"

    /// The metadata without the checksums.
    let metadata: SafetensorsMetadata
    /// The tensors in the order of the buffer, which they fill without gaps.
    let entries: [Entry]
    /// XXH64 of the buffer; nil in files of other tools.
    let payloadChecksum: UInt64?

    /// The bytes of the buffer.
    var payloadSize: Int { entries.last?.range.upperBound ?? 0 }
}

// A header is also made from tensors in memory.
extension SafetensorsHeader {
    /// Describes the tensors of a file in memory.
    /// - Parameters:
    ///   - file: The tensors, and the metadata.
    ///   - compressedSizes: The bytes of each compressed tensor.
    ///   - payloadChecksum: XXH64 of all tensors' bytes.
    ///   - path: Errors name the file that is to be written.
    init(
        describing file: SafetensorsFile, compressedSizes: [Int], payloadChecksum: UInt64,
        path: String
    ) throws(SafetensorsError) {
        var entries: [Entry] = []
        var names: Set<String> = [Self.metadataKey]
        func append(
            _ name: String, _ type: SafetensorsType, _ shape: [Int], bytes: Int
        ) throws(SafetensorsError) {
            guard names.insert(name).inserted else {
                throw Self.unfit(path, name, "the name is reserved or occurs twice")
            }
            let start = entries.last?.range.upperBound ?? 0
            entries.append(
                Entry(name: name, type: type, shape: shape, range: start..<start + bytes))
        }
        for tensor in file.tensors {
            guard tensor.type.byteCount(of: tensor.shape) == tensor.bytes.count else {
                let finding =
                    "shape \(tensor.shape) of \(tensor.type.rawValue) does not fit "
                    + "\(tensor.bytes.count) bytes"
                throw Self.unfit(path, tensor.name, finding)
            }
            try append(tensor.name, tensor.type, tensor.shape, bytes: tensor.bytes.count)
        }
        for (tensor, size) in zip(file.compressed, compressedSizes) {
            try append(tensor.name, .uint8, [size], bytes: size)
        }
        for key in SafetensorsChecksums.keys where file.metadata[key] != nil {
            throw SafetensorsError(
                path, .metadata, "the key '\(key)' is set by the writer", remedy: "use another key")
        }
        self.init(
            metadata: file.metadata, entries: entries, payloadChecksum: payloadChecksum)
    }

    private static func unfit(_ path: String, _ name: String, _ finding: String) -> SafetensorsError
    {
        SafetensorsError(
            path, .tensor(name), finding, remedy: "give each tensor its own name and its true shape"
        )
    }

    /// The length and the header as they begin the file, with both checksums; `length` bytes where that is more than it needs.
    func encoded(path: String, length: Int = 0) throws(SafetensorsError) -> [UInt8] {
        var metadataMembers = SafetensorsChecksums.members(payload: payloadChecksum ?? 0)
        metadataMembers += metadata.entries.map { .init($0.key, .string($0.value)) }
        var members: [JSONValue.Member] = [.init(Self.metadataKey, .object(metadataMembers))]
        members += entries.map { .init($0.name, $0.json) }
        var header = Array(JSONValue.object(members).text.utf8)
        // Spaces align the buffer to 8 bytes.
        let padding = max(
            (8 - header.count % 8) % 8, length - Self.lengthSize - header.count)
        header += [UInt8](repeating: UInt8(ascii: " "), count: padding)
        guard header.count <= Self.longest else {
            throw SafetensorsError(
                path, .header, "\(header.count) bytes, more than the \(Self.longest) of the format",
                remedy: "write fewer tensors or less metadata")
        }
        SafetensorsChecksums.seal(&header)
        let count = UInt64(header.count).littleEndian
        return withUnsafeBytes(of: count) { Array($0) } + header
    }
}

extension SafetensorsHeader.Entry {
    fileprivate var json: JSONValue {
        .object([
            .init("dtype", .string(type.rawValue)),
            .init("shape", .array(shape.map { .integer($0) })),
            .init(
                "data_offsets",
                .array([.integer(range.lowerBound), .integer(range.upperBound)])),
        ])
    }
}
