import CKernels
import CLibrary

/// A bound on the memory of this process.
public struct MemoryLimit: Equatable, Sendable {
    /// What sets a limit.
    public enum Source: Equatable, Sendable {
        /// The memory that the machine has.
        case machine
        /// The limit of a control group, with the file that holds it.
        case controlGroup(String)
        /// The limit on what is mapped, used or not (RLIMIT_AS).
        case addressSpace
        /// The limit on what is mapped to be written to (RLIMIT_DATA).
        case data
    }

    /// What sets the limit.
    public let source: Source
    /// The bytes that the limit allows.
    public let bytes: Int
    /// The bytes among those that the process has taken before it asks for more.
    public let taken: Int

    init(_ source: Source, bytes: Int, taken: Int = 0) {
        self.source = source
        self.bytes = bytes
        self.taken = taken
    }

    var free: Int { max(0, bytes - taken) }

    /// Whether the limit counts what is mapped, with code and stacks, and not what is in use.
    var countsMappings: Bool { source == .addressSpace || source == .data }

    /// Every limit that the system tells of.
    public static func all(_ files: SystemFiles = SystemFiles()) -> [MemoryLimit] {
        let machine = physicalBytes.map { MemoryLimit(.machine, bytes: $0) }
        return [machine].compactMap { $0 } + controlGroups(files) + resourceLimits(files)
    }

    /// The bytes of the machine's memory; nil where the system does not tell.
    static var physicalBytes: Int? {
        let pages = Int(sysconf(Int32(_SC_PHYS_PAGES)))
        let (bytes, overflow) = pages.multipliedReportingOverflow(by: pageSize)
        return pages > 0 && !overflow ? bytes : nil
    }

    private static var pageSize: Int { max(1, Int(sysconf(Int32(_SC_PAGESIZE)))) }

    /// The limits of this process's control group and of those above it.
    static func controlGroups(_ files: SystemFiles) -> [MemoryLimit] {
        ControlGroups(files).groups(.memory).compactMap { group in
            let name = group.version == .two ? "memory.max" : "memory.limit_in_bytes"
            let file = group.directory + "/" + name
            // The file says `max` in a group without a limit.
            guard let bytes = files.words(file).first.flatMap({ Int($0) }) else { return nil }
            return MemoryLimit(.controlGroup(file), bytes: bytes)
        }
    }

    /// The limits that `ulimit` sets.
    private static func resourceLimits(_ files: SystemFiles) -> [MemoryLimit] {
        // The numbers are pages: all that is mapped is the first of them, data and stack are the sixth.
        let pages = files.words("/proc/self/statm").map { Int($0) ?? 0 }
        func limit(_ source: Source, _ value: UInt64, number: Int) -> MemoryLimit? {
            // A limit that no Int holds is no limit.
            guard let bytes = Int(exactly: value) else { return nil }
            let taken = pages.count >= number ? pages[number - 1] * pageSize : 0
            return MemoryLimit(source, bytes: bytes, taken: taken)
        }
        return [
            limit(.addressSpace, egg_address_space_limit(), number: 1),
            limit(.data, egg_data_limit(), number: 6),
        ].compactMap { $0 }
    }

    /// Whether the address space is limited.
    static var limitsAddressSpace: Bool { egg_address_space_limit() != .max }
}
