import CLibrary
import Storage
import TestSupport
import Testing

extension TemporaryDirectory {
    /// Writes a file, without waiting for the disk, and gives its path.
    func file(_ name: String, holding bytes: [UInt8]) throws -> String {
        let stream = try #require(fopen(file(name), "wb"))
        defer { fclose(stream) }
        try #require(fwrite(bytes, 1, bytes.count, stream) == bytes.count)
        return file(name)
    }
}

/// The bytes of a file with this header and a buffer of zeros.
func safetensorsBytes(header: some Collection<UInt8>, payload: Int) -> [UInt8] {
    let length = UInt64(header.count).littleEndian
    return withUnsafeBytes(of: length) { Array($0) } + header
        + [UInt8](repeating: 0, count: payload)
}
