/// Bytes that a run needs besides the weights to continue with its contexts. There may be as many as weights, so they
/// are read and written block by block.
public struct ContextState: Sendable {
    /// The name of these bytes in a training state.
    public let name: String
    /// The number of bytes.
    public let count: Int
    /// Writes a range of the bytes to a block of the same size.
    public let save: @Sendable (_ range: Range<Int>, _ block: UnsafeMutableRawBufferPointer) -> Void
    /// Takes a range of the bytes from a block of the same size.
    public let restore: @Sendable (_ range: Range<Int>, _ block: UnsafeRawBufferPointer) -> Void

    /// Describes such bytes.
    public init(
        name: String, count: Int,
        save: @escaping @Sendable (Range<Int>, UnsafeMutableRawBufferPointer) -> Void,
        restore: @escaping @Sendable (Range<Int>, UnsafeRawBufferPointer) -> Void
    ) {
        self.name = name
        self.count = count
        self.save = save
        self.restore = restore
    }
}
