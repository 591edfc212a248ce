import ArgumentParser
import IntegerTensor

/// The flags of every command that runs a model. They change its speed, never its output.
public struct ComputeOptions: ParsableArguments {
    private static let threadRange = 1...1024

    @Option(help: ArgumentHelp("Threads; all processors where absent.", valueName: "n"))
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Instruction set: auto, or one of \(Kernel.candidates.map(\.kernel.name).joined(separator: ", ")).",
            valueName: "name"))
    var kernel = "auto"

    public init() {}

    /// - Throws: ``UsageError`` for a number out of range.
    public func makePool() throws(UsageError) -> WorkerPool {
        let threads = threads ?? WorkerPool.processorCount
        return WorkerPool(threads: try requireRange(threads, Self.threadRange, flag: "--threads"))
    }

    /// - Throws: ``UsageError`` for a name that is unknown or of no use on this machine.
    public func chooseKernel() throws(UsageError) -> Kernel {
        do {
            return try Kernel.named(kernel)
        } catch {
            throw UsageError(
                flag: "--kernel", finding: "'\(kernel)': \(error.finding)", remedy: error.remedy)
        }
    }
}

/// The value of a flag, where it lies in the range.
public func requireRange(
    _ value: Int, _ range: ClosedRange<Int>, flag: String
) throws(UsageError) -> Int {
    guard range.contains(value) else {
        throw UsageError(
            flag: flag, finding: "\(value) is out of range",
            remedy: "use \(range.lowerBound) to \(range.upperBound)")
    }
    return value
}
