extension ArraySlice<UInt8> {
    /// The integers whose bytes a message of a process holds, one after another. All processes have one byte
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
