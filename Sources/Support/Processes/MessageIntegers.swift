extension ArraySlice<UInt8> {
    /// The integers whose bytes a message of a process holds, one after another. All processes have the same byte
    /// order.
    package func integers<Value: FixedWidthInteger>(_ type: Value.Type) -> [Value] {
        withUnsafeBytes { bytes in
            (0..<bytes.count / MemoryLayout<Value>.size).map {
                bytes.loadUnaligned(
                    fromByteOffset: $0 * MemoryLayout<Value>.size, as: Value.self)
            }
        }
    }
}

extension [UInt8] {
    /// The messages that ``ProcessGroup/allGather(_:sizes:)`` put one after another.
    package func messages(sizes: [Int]) -> [ArraySlice<UInt8>] {
        var end = 0
        return sizes.map { size in
            defer { end += size }
            return self[end..<end + size]
        }
    }
}
