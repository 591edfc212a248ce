/// The element types that the toolkit reads and writes: the integers of the safetensors format.
///
/// The raw value is the `dtype` of the header.
public enum SafetensorsType: String, CaseIterable, Sendable {
    /// Elements of Int8.
    case int8 = "I8"
    /// Elements of UInt8.
    case uint8 = "U8"
    /// Elements of Int16.
    case int16 = "I16"
    /// Elements of UInt16.
    case uint16 = "U16"
    /// Elements of Int32.
    case int32 = "I32"
    /// Elements of UInt32.
    case uint32 = "U32"
    /// Elements of Int64.
    case int64 = "I64"
    /// Elements of UInt64.
    case uint64 = "U64"

    /// The bytes of one element.
    public var size: Int {
        switch self {
        case .int8, .uint8: 1
        case .int16, .uint16: 2
        case .int32, .uint32: 4
        case .int64, .uint64: 8
        }
    }

    /// The bytes that a tensor of this type and `shape` fills; nil where a dimension is negative or
    /// the product overflows.
    func byteCount(of shape: [Int]) -> Int? {
        var count = size
        for dimension in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            if dimension < 0 || overflow { return nil }
            count = product
        }
        return count
    }
}
