/// The processes that work on one run, each with a rank, and what they tell each other.
///
/// Calls are collective: every process makes the same ones in the same order, from one thread, and waits
/// until the others have come as far. All processes run the same program, so numbers have one byte order.
public protocol ProcessGroup: AnyObject, Sendable {
    /// 0 ..< ``count``.
    var rank: Int { get }
    var count: Int { get }
    /// The name of this process's machine.
    var host: String { get }

    /// The parts of all processes, in the order of rank, one after another.
    /// - Parameters:
    ///   - part: that of this process, `sizes[rank]` bytes.
    ///   - sizes: bytes of each process's part, the same in all processes; below 2^31 in all.
    func allGather(_ part: [UInt8], sizes: [Int]) -> [UInt8]

    /// As ``allGather(_:sizes:)``, but only rank 0 gets the bytes, of any number; others get none.
    func gather(_ part: [UInt8], sizes: [Int]) -> [UInt8]

    /// The bytes that rank 0 gives, in every process.
    /// - Parameter bytes: of rank 0; as many in each process.
    func broadcast(_ bytes: [UInt8]) -> [UInt8]

    /// Replaces each value by its sum over the processes, which must not pass 32 bits in any order.
    func sum(_ values: UnsafeMutableBufferPointer<Int32>)

    /// Leaves the group, when all others do: the last call.
    func finish()

    /// Prints `error: process R of C (HOST): MESSAGE` and ends all processes at once, this one with code 1.
    func abort(_ message: String) -> Never
}

extension ProcessGroup {
    /// Whether this is the process that writes the run's files and speaks to the user.
    public var isFirst: Bool { rank == 0 }

    /// How messages name a process.
    public func name(rank: Int, host: String) -> String { "process \(rank) of \(count) (\(host))" }
}
