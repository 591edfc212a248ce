extension [UInt8] {
    /// Adds the bytes of a number, the lowest first.
    package mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// The 4 bytes at `offset` as a number.
    /// - Precondition: There are 4 bytes at `offset`.
    package func word32(at offset: Int) -> UInt32 {
        self[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The 8 bytes at `offset` as a number.
    /// - Precondition: There are 8 bytes at `offset`.
    package func word64(at offset: Int) -> UInt64 {
        self[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
