import IntegerTensor
import Processes
import RecurrentLM

/// What a step says of the rows of one context table: a credit for each place where contexts were read, and these contexts.
///
/// The places, called slots, are in an order that threads and processes do not change: a context may be read in
/// several of them, and each reading moves its row from where the last one left it.
public final class RowCredits: @unchecked Sendable {
    /// The slots that a step may have.
    public let capacity: Int
    /// The slots of this step; all unless an estimator says otherwise.
    public var slots: Int
    /// The contexts that each slot has read.
    public let contextsPerSlot: Int
    /// The hashes of the contexts that each slot has read. [capacity][contextsPerSlot]
    public let contexts: AlignedBuffer<UInt32>
    /// How far, and which way, the values of a slot's rows should move. [capacity][width of the rows]
    public let credits: Int8Rows

    /// Makes credits of 0 of contexts whose hash is 0.
    public convenience init(capacity: Int, contextsPerSlot: Int, width: Int) {
        self.init(
            capacity: capacity, contextsPerSlot: contextsPerSlot,
            contexts: AlignedBuffer(count: capacity * contextsPerSlot), width: width)
    }

    /// Makes credits of 0 for another table, whose slots read the contexts that those of `other` do.
    convenience init(of other: RowCredits, width: Int) {
        self.init(
            capacity: other.capacity, contextsPerSlot: other.contextsPerSlot,
            contexts: other.contexts, width: width
        )
    }

    private init(capacity: Int, contextsPerSlot: Int, contexts: AlignedBuffer<UInt32>, width: Int) {
        self.capacity = capacity
        slots = capacity
        self.contextsPerSlot = contextsPerSlot
        self.contexts = contexts
        credits = Int8Rows(rows: capacity, width: width)
    }

    /// The bytes that so many credits take.
    static func bytes(capacity: Int, contextsPerSlot: Int, width: Int) -> Int {
        capacity * (contextsPerSlot * MemoryLayout<UInt32>.stride + paddedWidth(width))
    }

    /// The hash of a context that a slot has read.
    @inline(__always)
    public func context(slot: Int, _ place: Int) -> UInt32 {
        contexts.pointer[slot &* contextsPerSlot &+ place]
    }

    /// Keeps the contexts that `count` slots from `first` on have read. [count][contextsPerSlot]
    func keep(contexts read: UnsafePointer<UInt32>, count: Int, at first: Int) {
        (contexts.pointer + first * contextsPerSlot).update(
            from: read, count: count * contextsPerSlot)
    }

    // MARK: Processes

    /// Gives every process the slots of all. Slot `time · all + index` is that of a piece of the work at a token, of
    /// which each process has those of its slice. Collective.
    /// - Parameters:
    ///   - slices: The pieces of each process, by rank; together they are 0 ..< all.
    ///   - processes: The processes of the run.
    func exchange(_ slices: [Range<Int>], among processes: any ProcessGroup) {
        guard processes.count > 1, let all = slices.last?.upperBound, all > 0 else { return }
        let tokens = slots / all
        func places(of rank: Int) -> [Range<Int>] {
            (0..<tokens).map { time in
                slices[rank].lowerBound + time * all..<slices[rank].upperBound + time * all
            }
        }
        let sizes = slices.map { $0.count * tokens * bytesPerSlot }
        let messages = processes.allGather(
            places(of: processes.rank).flatMap(message), sizes: sizes
        ).messages(sizes: sizes)
        for (rank, message) in messages.enumerated() where rank != processes.rank {
            var rest = message
            for place in places(of: rank) {
                take(rest.prefix(place.count * bytesPerSlot), for: place)
                rest = rest.dropFirst(place.count * bytesPerSlot)
            }
        }
    }

    private var bytesPerSlot: Int { contextsPerSlot * MemoryLayout<UInt32>.size + credits.stride }

    /// The bytes of some slots: their contexts and their credits.
    private func parts(of slots: Range<Int>) -> [UnsafeMutableRawBufferPointer] {
        [
            UnsafeMutableRawBufferPointer(
                start: contexts.pointer + slots.lowerBound * contextsPerSlot,
                count: slots.count * contextsPerSlot * MemoryLayout<UInt32>.size),
            UnsafeMutableRawBufferPointer(
                start: credits.row(slots.lowerBound), count: slots.count * credits.stride),
        ]
    }

    private func message(_ slots: Range<Int>) -> [UInt8] { parts(of: slots).flatMap { $0 } }

    private func take(_ message: ArraySlice<UInt8>, for slots: Range<Int>) {
        var rest = message
        for part in parts(of: slots) {
            rest.prefix(part.count).withUnsafeBytes { part.copyMemory(from: $0) }
            rest = rest.dropFirst(part.count)
        }
    }
}

/// What a step says of all rows that contexts choose.
public struct ContextCredits: Sendable {
    /// The credits of the rows that are added to the input of the recurrence; their RMS is about 28.
    /// [slots][min(D, 64)]
    public let inputs: RowCredits
    /// The errors onehot - p of the logits, 126 = 1, for the rows of direct connections; nil without those. [slots][V]
    public let logits: RowCredits?

    /// Collects what a step says.
    public init(inputs: RowCredits, logits: RowCredits?) {
        self.inputs = inputs
        self.logits = logits
    }
}
