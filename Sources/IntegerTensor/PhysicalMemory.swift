import FixedPoint

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// The memory of the machine, to compare with what is about to be asked for: an allocation that fails ends the
/// process.
public enum PhysicalMemory {
    /// Nil where the system does not tell.
    public static var bytes: Int? {
        let pages = Int(sysconf(Int32(_SC_PHYS_PAGES)))
        let (bytes, overflow) = pages.multipliedReportingOverflow(
            by: Int(sysconf(Int32(_SC_PAGESIZE))))
        return pages > 0 && !overflow ? bytes : nil
    }

    /// `bytes` in units of 10^9, with a decimal.
    public static func gigabytes(_ bytes: Int) -> String {
        DecimalText.format(Int64(bytes), over: 1_000_000_000, decimals: 1)
    }
}
