import CKernels
import CLibrary
import Diagnostics
import FixedPoint

/// The memory that is about to be asked for, to compare with the limits: an allocation that fails ends the process.
public struct MemoryDemand: Sendable {
    /// The fewest bytes that will be in use.
    private let inUse: Int
    /// The most bytes that will be asked for, used or not.
    private let mapped: Int
    private let threads: Int

    /// The bytes kept free in an address space besides: for the heap's own room, buffers of files and small things.
    static let reserve = 64 << 20

    /// Describes what is about to be asked for.
    /// - Parameters:
    ///   - inUse: The fewest bytes that will be in use.
    ///   - mapped: The most bytes that will be asked for, without the reserve and the stacks.
    ///   - threads: The threads that will be started, and share the memory.
    public init(inUse: Int, mapped: Int, threads: Int = 0) {
        self.inUse = inUse
        self.mapped = mapped
        self.threads = threads
    }

    /// What the tightest of the limits lacks; nil where all have room enough.
    public func shortage(
        under limits: [MemoryLimit] = MemoryLimit.all()
    ) -> MemoryShortage? {
        limits.map { MemoryShortage(limit: $0, needed: bytes(under: $0), threads: threads) }
            .filter { $0.missing > 0 }.max { $0.missing < $1.missing }
    }

    private func bytes(under limit: MemoryLimit) -> Int {
        limit.countsMappings ? mapped + Self.reserve + threads * Self.stackBytes : inUse
    }

    /// The bytes that the system maps for the stack of a thread.
    static var stackBytes: Int {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return 0 }
        defer { pthread_attr_destroy(&attributes) }
        var size = 0
        return pthread_attr_getstacksize(&attributes, &size) == 0 ? size : 0
    }

    /// Keeps the heap from mapping 64 MiB for each thread that asks for memory, where the address space is limited.
    /// It helps only before there are threads.
    public static func saveAddressSpace() {
        if MemoryLimit.limitsAddressSpace { egg_share_heap() }
    }
}

/// A limit that leaves less memory than is needed.
public struct MemoryShortage: Sendable {
    let limit: MemoryLimit
    let needed: Int
    let threads: Int

    var missing: Int { needed - limit.free }

    /// What is needed and what there is, without the verb: `at least 6.3 GB of memory on 2 threads, and the machine has
    /// 4.1 GB`.
    public var finding: String {
        let amount = Self.amount(needed + limit.taken)
        let place = threads == 0 ? "" : " on \(threads.counted("thread"))"
        let kind = limit.countsMappings ? "memory, with code and stacks," : "memory"
        return "at least \(amount) of \(kind)\(place), and \(bound)"
    }

    private var bound: String {
        let amount = Self.amount(limit.bytes)
        return switch limit.source {
        case .machine: "the machine has \(amount)"
        case .controlGroup(let file): "its control group allows \(amount) (\(file))"
        case .addressSpace: "the limit of the address space is \(amount) (ulimit -v)"
        case .data: "the limit of the data segment is \(amount) (ulimit -d)"
        }
    }

    /// What else helps, to follow a remedy; empty for the machine.
    public var otherRemedy: String {
        switch limit.source {
        case .machine: ""
        case .controlGroup: ", or ask for more memory where the job or container is started"
        case .addressSpace: ", or raise the limit (ulimit -v)"
        case .data: ", or raise the limit (ulimit -d)"
        }
    }

    /// Bytes as `1.5 GB`, or `614 MB` below that.
    static func amount(_ bytes: Int) -> String {
        bytes < 1_000_000_000
            ? DecimalText.format(Int64(bytes), over: 1_000_000, decimals: 0) + " MB"
            : DecimalText.format(Int64(bytes), over: 1_000_000_000, decimals: 1) + " GB"
    }
}
