import ArgumentParser
import IntegerTensor

/// The flag for the number of threads. It changes the speed, never the output.
struct ThreadOptions: ParsableArguments {
    private static let range = 1...1024

    @Option(
        help: ArgumentHelp(
            "The number of threads. (default: one for each processor that the process may use)",
            valueName: "n"))
    var threads: Int?

    init() {}

    /// - Throws: ``UsageError`` for a number out of range.
    func count() throws(UsageError) -> Int {
        try requireRange(
            threads ?? min(WorkerPool.processorCount, Self.range.upperBound), Self.range,
            flag: "--threads")
    }
}
