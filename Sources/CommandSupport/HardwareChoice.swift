import IntegerTensor

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// The threads and the kernel that a command runs on. No result depends on them.
public struct HardwareChoice: Sendable {
    public let threads: Int
    public let kernel: Kernel

    private static let threadRange = 1...1024
    private static let kernelVariable = "EGG_KERNEL"

    /// - Parameters:
    ///   - threads: From `--threads`; nil takes all processors.
    ///   - kernel: From `--kernel`; nil takes the variable EGG_KERNEL, then the fastest.
    /// - Throws: ``UsageError`` for a number out of range or a kernel that cannot be used.
    public init(threads: Int?, kernel: String?) throws {
        self.threads = threads ?? WorkerPool.processorCount
        guard Self.threadRange.contains(self.threads) else {
            throw UsageError(
                flag: "--threads", finding: "\(self.threads) is out of range",
                remedy: "use \(Self.threadRange.lowerBound) to \(Self.threadRange.upperBound)")
        }
        let variable = getenv(Self.kernelVariable).map { String(cString: $0) }
        do {
            self.kernel = try Kernel.named(kernel ?? variable ?? "auto")
        } catch {
            throw UsageError(
                flag: kernel == nil ? "EGG_KERNEL" : "--kernel",
                finding: "\(error.location): \(error.finding)", remedy: error.remedy)
        }
    }
}
