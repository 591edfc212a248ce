import CLibrary
import Diagnostics

/// What a program runs on, as far as the system says, for records that people read. No result depends on it.
public struct Machine: Equatable, Sendable {
    /// The name of the processor; empty where the system does not tell.
    public var processor: String
    /// The threads that the processors can run at once.
    public var processors: Int
    /// The memory of the machine in bytes; nil where the system does not tell.
    public var memoryBytes: Int?
    /// The system and the architecture, such as `Linux x86_64`.
    public var system: String

    /// The longest name that is kept.
    private static let longestName = 100

    /// Describes a machine of which everything is known.
    public init(processor: String, processors: Int, memoryBytes: Int?, system: String) {
        self.processor = processor
        self.processors = processors
        self.memoryBytes = memoryBytes
        self.system = system
    }

    /// Describes the machine that this program runs on.
    public init(_ files: SystemFiles = SystemFiles()) {
        self.init(
            processor: Self.processorName(files), processors: WorkerPool.processorCount,
            memoryBytes: MemoryLimit.physicalBytes, system: Self.systemName)
    }

    private static func processorName(_ files: SystemFiles) -> String {
        #if canImport(Darwin)
            var buffer = [CChar](repeating: 0, count: longestName + 1)
            var size = longestName
            guard sysctlbyname("machdep.cpu.brand_string", &buffer, &size, nil, 0) == 0 else {
                return ""
            }
            return String(cString: buffer)
        #else
            let lines = files.lines("/proc/cpuinfo")
            let name = lines.first { $0.hasPrefix("model name") }?.split(
                separator: ":", maxSplits: 1
            ).last
            let words = (name ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return String(words.prefix(longestName))
        #endif
    }

    private static var systemName: String {
        var names = utsname()
        guard uname(&names) == 0 else { return "" }
        func text<Field>(_ field: Field) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return text(names.sysname) + " " + text(names.machine)
    }
}
