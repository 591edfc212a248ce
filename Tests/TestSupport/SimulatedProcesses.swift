import Processes
import Threads

/// A group of processes played by the threads of one: each of them gets a member.
public final class SimulatedProcess: ProcessGroup {
    /// The number of this member.
    public let rank: Int
    /// The number of members.
    public let count: Int
    /// The name of a machine that there is not: `node` and the rank.
    public var host: String { "node\(rank)" }
    private let table: Table

    private init(rank: Int, count: Int, table: Table) {
        self.rank = rank
        self.count = count
        self.table = table
    }

    /// A group of that many members, by rank.
    public static func group(_ count: Int) -> [SimulatedProcess] {
        let table = Table(count: count)
        return (0..<count).map { SimulatedProcess(rank: $0, count: count, table: table) }
    }

    /// The parts of all members, in the order of rank.
    public func allGather(_ part: [UInt8], sizes: [Int]) -> [UInt8] {
        let parts = table.exchange(part, rank: rank)
        precondition(parts.map(\.count) == sizes, "sizes differ: a collective without the others")
        return parts.flatMap { $0 }
    }

    /// The parts of all members in rank 0; the others get none.
    public func gather(_ part: [UInt8], sizes: [Int]) -> [UInt8] {
        let all = allGather(part, sizes: sizes)
        return isFirst ? all : []
    }

    /// The bytes of rank 0, in every member.
    public func broadcast(_ bytes: [UInt8]) -> [UInt8] { table.exchange(bytes, rank: rank)[0] }

    /// Replaces each value by its sum over the members.
    public func sum(_ values: UnsafeMutableBufferPointer<Int32>) {
        let parts = table.exchange(UnsafeRawBufferPointer(values).map { $0 }, rank: rank)
        for index in values.indices {
            values[index] = parts.reduce(0) { sum, part in
                sum
                    + part.withUnsafeBytes {
                        $0.loadUnaligned(fromByteOffset: index * 4, as: Int32.self)
                    }
            }
        }
    }

    /// Waits for all members.
    public func finish() { _ = table.exchange([], rank: rank) }

    /// Ends the test.
    public func abort(_ message: String) -> Never { preconditionFailure(message) }
}

/// A place where each thread lays its part, and takes all of them once all are there.
private final class Table: @unchecked Sendable {
    private let count: Int
    private let monitor = Monitor()
    private var parts: [[UInt8]]
    private var present = 0
    /// The parts of the last round that was complete, and its number.
    private var last: [[UInt8]] = []
    private var round = 0

    init(count: Int) {
        self.count = count
        parts = [[UInt8]](repeating: [], count: count)
    }

    func exchange(_ part: [UInt8], rank: Int) -> [[UInt8]] {
        monitor.locked {
            parts[rank] = part
            present += 1
            if present == count {
                // Nobody lays the next part before this round's are taken: that takes a whole round.
                (last, present) = (parts, 0)
                round += 1
                monitor.signal()
                return last
            }
            let own = round
            while round == own { monitor.wait() }
            return last
        }
    }
}
