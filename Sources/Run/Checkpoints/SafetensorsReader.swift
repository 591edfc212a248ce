import IntegerTensor
import Storage

/// Reads one file. Each size that the file states is compared with the file's own size before
/// memory is asked for.
struct SafetensorsReader {
    let path: String
    private let file: InputFile
    private let size: Int

    init(_ path: String, atMost limit: Int) throws(SafetensorsError) {
        // Asked before opening: opening a pipe would wait for a writer.
        let kind = try safetensorsErrors { () throws(FileError) in try Files.kind(path) }
        guard kind != .other else { throw Self.notAFile(path) }
        self.path = path
        file = try safetensorsErrors { () throws(FileError) in try InputFile(path) }
        guard let size = file.size else { throw Self.notAFile(path) }
        guard size <= limit else {
            throw SafetensorsError(
                path, .file, "\(size) bytes, more than the \(limit) allowed",
                remedy: "check the path")
        }
        self.size = size
        try requireMemory()
    }

    /// What reading takes, in multiples of the file's bytes: those bytes, the values that are made of them, and what
    /// the values are packed into.
    private static let copies = 3

    private func requireMemory() throws(SafetensorsError) {
        let demand = MemoryDemand(inUse: size, mapped: Self.copies * size)
        guard let shortage = demand.shortage() else { return }
        throw SafetensorsError(
            path, .file, "takes " + shortage.finding,
            remedy: "use a smaller model or another machine" + shortage.otherRemedy)
    }

    private static func notAFile(_ path: String) -> SafetensorsError {
        SafetensorsError(
            path, .file, "is a pipe or a device", remedy: "save the tensors to a file first")
    }

    func readHeader() throws(SafetensorsError) -> SafetensorsHeader {
        let prefixSize = SafetensorsHeader.lengthSize
        guard size >= prefixSize else {
            throw .damaged(path, .file, "\(size) bytes are too few for a safetensors file")
        }
        let prefix = try readBytes(0..<prefixSize)
        let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(SafetensorsHeader.longest), length <= UInt64(size - prefixSize)
        else {
            throw .damaged(
                path, .header,
                "a length of \(length) bytes in a file of \(size) (the format allows "
                    + "\(SafetensorsHeader.longest)); it is cut short or no safetensors file")
        }
        let bytes = try readBytes(prefixSize..<prefixSize + Int(length))
        let header = try SafetensorsHeader(parsing: bytes, path: path)
        let (expected, overflow) = (prefixSize + bytes.count).addingReportingOverflow(
            header.payloadSize)
        guard !overflow, expected == size else {
            throw .damaged(
                path, .file,
                "\(size) bytes where the header describes \(prefixSize + bytes.count) and "
                    + "\(header.payloadSize) of tensors")
        }
        return header
    }

    /// Reads the tensors that a header of this file describes.
    func readTensors(_ header: SafetensorsHeader) throws(SafetensorsError) -> [SafetensorsTensor] {
        let start = size - header.payloadSize
        var checksum = XXH64()
        var tensors: [SafetensorsTensor] = []
        tensors.reserveCapacity(header.entries.count)
        for entry in header.entries {
            let bytes = try readBytes(
                start + entry.range.lowerBound..<start + entry.range.upperBound)
            if header.payloadChecksum != nil { checksum.update(bytes) }
            tensors.append(
                SafetensorsTensor(
                    name: entry.name, type: entry.type, shape: entry.shape, bytes: bytes))
        }
        if let expected = header.payloadChecksum, checksum.digest() != expected {
            throw .damaged(path, .file, "the tensors do not match their checksum")
        }
        return tensors
    }

    private func readBytes(_ range: Range<Int>) throws(SafetensorsError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        let count = try safetensorsErrors { () throws(FileError) in
            try file.read(into: &bytes, at: range.lowerBound)
        }
        guard count == bytes.count else {
            throw .damaged(path, .file, "became shorter while it was read")
        }
        return bytes
    }
}
