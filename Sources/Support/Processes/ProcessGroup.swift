/// The processes that work on one run, each with a rank, and what they tell each other.
///
/// Calls are collective: every process makes the same ones in the same order, from one thread, and waits
/// until the others have come as far. All processes run the same program, so numbers have one byte order.
public protocol ProcessGroup: AnyObject, Sendable {
    /// The number of this process, in 0 ..< ``count``.
    var rank: Int { get }
    /// The number of processes.
    var count: Int { get }
    /// The name of this process's machine.
    var host: String { get }

    /// The parts of all processes, in the order of rank, one after another.
    /// - Parameters:
    ///   - part: The part of this process, `sizes[rank]` bytes.
    ///   - sizes: The bytes of each process's part, the same in all processes; below 2^31 in all.
    func allGather(_ part: [UInt8], sizes: [Int]) -> [UInt8]

    /// The parts of all processes as ``allGather(_:sizes:)`` gives them, but only in rank 0; others get none. There may
    /// be any number of bytes.
    /// - Parameters:
    ///   - part: The part of this process, `sizes[rank]` bytes.
    ///   - sizes: The bytes of each process's part, the same in all processes.
    func gather(_ part: [UInt8], sizes: [Int]) -> [UInt8]

    /// The bytes of rank 0, in every process.
    /// - Parameter bytes: What rank 0 gives; the others pass as many bytes of any value.
    func broadcast(_ bytes: [UInt8]) -> [UInt8]

    /// Replaces each value by its sum over the processes, which must not pass 32 bits in any order.
    func sum(_ values: UnsafeMutableBufferPointer<Int32>)

    /// Leaves the group, when all others do; this must be the last call.
    func finish()

    /// Prints `error: process R of C (HOST): MESSAGE` and ends all processes at once, this one with code 1.
    func abort(_ message: String) -> Never
}

extension ProcessGroup {
    /// Whether this is the process that writes the run's files and speaks to the user.
    public var isFirst: Bool { rank == 0 }

    /// The words that messages name a process with.
    public func name(rank: Int, host: String) -> String { "process \(rank) of \(count) (\(host))" }
}
