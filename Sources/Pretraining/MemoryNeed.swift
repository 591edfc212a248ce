import Diagnostics
import FixedPoint
import IntegerTensor
import RecurrentLM

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// A run that this machine cannot hold. Found before memory is asked for, since an allocation that fails
/// ends the process.
public struct MemoryError: UserError {
    public let location = "model and population"
    public let finding: String
    public let remedy =
        "use a smaller model, a smaller population.size or fewer population.sequencesPerMember"
}

/// The memory that a run takes at the least.
enum MemoryNeed {
    /// Bytes for each weight: the weight itself, packed for the kernels, and its Int32 votes.
    private static let bytesPerWeight = 1 + 1 + 4

    /// Bytes of the weights and of the members' hidden states; at most some 2^50 within the ranges of a
    /// config.
    static func bytes(_ config: RunConfig) -> Int {
        let states =
            config.population.rows * config.model.layers * paddedWidth(config.model.hidden)
        return ParameterLayout(config.model).parameterCount * bytesPerWeight + states
    }

    /// - Throws: ``MemoryError`` when the machine has less.
    static func check(_ config: RunConfig) throws(MemoryError) {
        let needed = bytes(config)
        let pages = Int(sysconf(Int32(_SC_PHYS_PAGES)))
        let (present, overflow) = pages.multipliedReportingOverflow(
            by: Int(sysconf(Int32(_SC_PAGESIZE))))
        guard pages > 0, !overflow, needed > present else { return }
        throw MemoryError(
            finding: "need at least \(gigabytes(needed)) GB of memory, the machine has"
                + " \(gigabytes(present))")
    }

    private static func gigabytes(_ bytes: Int) -> String {
        DecimalText.format(Int64(bytes), over: 1_000_000_000, decimals: 1)
    }
}
