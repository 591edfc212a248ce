import ArgumentParser
import CLibrary
import IntegerTensor

/// The flags of every command that runs a model. They change its speed, never its output.
struct ComputeOptions: ParsableArguments {
    private static let kernelVariable = "EGG_KERNEL"

    @OptionGroup var threads: ThreadOptions

    @Option(
        help: ArgumentHelp(
            "The kernel: auto, \(kernelNames). (default: $EGG_KERNEL, else auto)", valueName: "name"
        ))
    var kernel: String?

    private static var kernelNames: String {
        Kernel.candidates.map(\.kernel.name).joined(separator: ", ")
    }

    init() {}

    /// - Throws: ``UsageError`` for a number of threads out of range.
    func makePool() throws(UsageError) -> WorkerPool {
        WorkerPool(threads: try threads.count())
    }

    /// - Throws: ``UsageError`` for a name that is unknown or of no use on this machine.
    func chooseKernel() throws(UsageError) -> Kernel {
        let variable = getenv(Self.kernelVariable).map { String(cString: $0) }.flatMap {
            $0.isEmpty ? nil : $0
        }
        let name = kernel ?? variable ?? "auto"
        do {
            return try Kernel.named(name)
        } catch {
            throw UsageError(
                flag: kernel == nil ? Self.kernelVariable : "--kernel",
                finding: "'\(name)': \(error.finding)", remedy: error.remedy)
        }
    }
}

/// The value of a flag, where it lies in the range.
func requireRange(
    _ value: Int, _ range: ClosedRange<Int>, flag: String
) throws(UsageError) -> Int {
    guard range.contains(value) else {
        throw UsageError(
            flag: flag, finding: "\(value) is out of range",
            remedy: "use \(range.lowerBound) to \(range.upperBound)")
    }
    return value
}
