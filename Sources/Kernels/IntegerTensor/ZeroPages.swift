import CKernels

/// Much memory of zeros: what nobody writes to takes no room.
///
/// The owner keeps threads apart: there is no lock.
public final class ZeroPages: @unchecked Sendable {
    /// All bytes, from a multiple of 64 on.
    public let bytes: UnsafeMutableBufferPointer<Int8>

    /// Maps memory.
    /// - Precondition: `count >= 1`, and a `MemoryDemand` has been checked: memory that cannot be mapped ends the
    ///   process, as any allocation that fails.
    public init(count: Int) {
        guard let memory = egg_map_zeros(count) else {
            preconditionFailure("no memory of \(count) bytes, which was checked before")
        }
        bytes = UnsafeMutableBufferPointer(
            start: memory.bindMemory(to: Int8.self, capacity: count), count: count)
    }

    /// Makes all bytes zero again; they take no room until somebody writes to them.
    public func clear() { egg_clear(bytes.baseAddress, bytes.count) }

    deinit { egg_unmap(bytes.baseAddress, bytes.count) }
}
