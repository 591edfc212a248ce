/// A named tensor of integers: row-major, little-endian, as its bytes lie in a file.
public struct SafetensorsTensor: Sendable, Equatable {
    /// The name of the tensor.
    public let name: String
    /// The type of the elements.
    public let type: SafetensorsType
    /// The dimensions, the outermost first; `[]` is a single element.
    public let shape: [Int]
    /// The elements; `shape` product × `type.size` bytes, which ``SafetensorsFile/write(to:)`` checks.
    public let bytes: [UInt8]

    /// Makes a tensor of bytes as they lie in a file.
    public init(name: String, type: SafetensorsType, shape: [Int], bytes: [UInt8]) {
        self.name = name
        self.type = type
        self.shape = shape
        self.bytes = bytes
    }
}

// Tensors from arrays.
extension SafetensorsTensor {
    /// Makes a tensor of Int8 elements, row-major.
    public init(name: String, shape: [Int], int8 values: [Int8]) {
        self.init(name, .int8, shape, values)
    }

    /// Makes a tensor of UInt8 elements, row-major.
    public init(name: String, shape: [Int], uint8 values: [UInt8]) {
        self.init(name: name, type: .uint8, shape: shape, bytes: values)
    }

    /// Makes a tensor of Int16 elements, row-major.
    public init(name: String, shape: [Int], int16 values: [Int16]) {
        self.init(name, .int16, shape, values)
    }

    /// Makes a tensor of UInt16 elements, row-major.
    public init(name: String, shape: [Int], uint16 values: [UInt16]) {
        self.init(name, .uint16, shape, values)
    }

    /// Makes a tensor of Int32 elements, row-major.
    public init(name: String, shape: [Int], int32 values: [Int32]) {
        self.init(name, .int32, shape, values)
    }

    /// Makes a tensor of UInt32 elements, row-major.
    public init(name: String, shape: [Int], uint32 values: [UInt32]) {
        self.init(name, .uint32, shape, values)
    }

    /// Makes a tensor of Int64 elements, row-major.
    public init(name: String, shape: [Int], int64 values: [Int64]) {
        self.init(name, .int64, shape, values)
    }

    /// Makes a tensor of UInt64 elements, row-major.
    public init(name: String, shape: [Int], uint64 values: [UInt64]) {
        self.init(name, .uint64, shape, values)
    }

    private init<Element: FixedWidthInteger>(
        _ name: String, _ type: SafetensorsType, _ shape: [Int], _ values: [Element]
    ) {
        let ordered = Self.littleEndian(values)
        self.init(
            name: name, type: type, shape: shape, bytes: ordered.withUnsafeBytes { Array($0) })
    }
}

// Arrays from tensors. Each throws where the tensor has another type.
extension SafetensorsTensor {
    /// The elements of an Int8 tensor.
    /// - Throws: ``SafetensorsError`` where the tensor has another type.
    public func int8Values() throws(SafetensorsError) -> [Int8] { try values(.int8) }
    /// The elements of a UInt8 tensor.
    /// - Throws: ``SafetensorsError`` where the tensor has another type.
    public func uint8Values() throws(SafetensorsError) -> [UInt8] { try values(.uint8) }
    /// The elements of an Int16 tensor.
    /// - Throws: ``SafetensorsError`` where the tensor has another type.
    public func int16Values() throws(SafetensorsError) -> [Int16] { try values(.int16) }
    /// The elements of a UInt16 tensor.
    /// - Throws: ``SafetensorsError`` where the tensor has another type.
    public func uint16Values() throws(SafetensorsError) -> [UInt16] { try values(.uint16) }
    /// The elements of an Int32 tensor.
    /// - Throws: ``SafetensorsError`` where the tensor has another type.
    public func int32Values() throws(SafetensorsError) -> [Int32] { try values(.int32) }
    /// The elements of a UInt32 tensor.
    /// - Throws: ``SafetensorsError`` where the tensor has another type.
    public func uint32Values() throws(SafetensorsError) -> [UInt32] { try values(.uint32) }
    /// The elements of an Int64 tensor.
    /// - Throws: ``SafetensorsError`` where the tensor has another type.
    public func int64Values() throws(SafetensorsError) -> [Int64] { try values(.int64) }
    /// The elements of a UInt64 tensor.
    /// - Throws: ``SafetensorsError`` where the tensor has another type.
    public func uint64Values() throws(SafetensorsError) -> [UInt64] { try values(.uint64) }

    private func values<Element: FixedWidthInteger>(
        _ wanted: SafetensorsType
    ) throws(SafetensorsError) -> [Element] {
        guard type == wanted else {
            throw SafetensorsError(
                nil, .tensor(name),
                "has the type \(type.rawValue) where \(wanted.rawValue) is needed",
                remedy: "use a file made for this purpose")
        }
        // The bytes may lie at any address, so they are copied and not rebound in place.
        let count = bytes.count / wanted.size
        let copied = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            bytes.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(buffer)
                    .copyMemory(from: .init(rebasing: source.prefix(count * wanted.size)))
            }
            initialized = count
        }
        return Self.littleEndian(copied)
    }

    /// Swaps between the machine's byte order and the file's; most machines have the file's.
    private static func littleEndian<Element: FixedWidthInteger>(_ values: [Element]) -> [Element] {
        #if _endian(big)
            values.map(\.littleEndian)
        #else
            values
        #endif
    }
}
