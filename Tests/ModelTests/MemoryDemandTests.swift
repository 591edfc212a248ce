import Testing

@testable import IntegerTensor

/// Which limit a demand passes, and what is said of it.
@Suite struct MemoryDemandTests {
    private let demand = MemoryDemand(inUse: 2_000_000_000, mapped: 3_000_000_000, threads: 4)
    private let machine = MemoryLimit(.machine, bytes: 16_000_000_000)

    private func finding(_ limits: MemoryLimit...) -> String? {
        demand.shortage(under: limits)?.finding
    }

    @Test func whatFitsIsNoShortage() {
        #expect(finding() == nil)
        #expect(finding(machine) == nil)
        #expect(finding(machine, MemoryLimit(.controlGroup("f"), bytes: 2_000_000_000)) == nil)
        #expect(finding(MemoryLimit(.addressSpace, bytes: 1 << 32)) == nil)
    }

    @Test func theTightestLimitIsNamed() throws {
        let group = MemoryLimit(.controlGroup("/g/memory.max"), bytes: 1_500_000_000)
        let wider = MemoryLimit(.controlGroup("/memory.max"), bytes: 1_900_000_000)
        let shortage = try #require(demand.shortage(under: [machine, wider, group]))
        #expect(
            shortage.finding
                == "at least 2.0 GB of memory on 4 threads, and its control group allows 1.5 GB"
                + " (/g/memory.max)")
        #expect(shortage.otherRemedy.contains("where the job or container is started"))
        #expect(
            finding(MemoryLimit(.machine, bytes: 999_000_000))
                == "at least 2.0 GB of memory on 4 threads, and the machine has 999 MB")
    }

    /// Stacks, a reserve and what is mapped already are part of an address space.
    @Test(arguments: [(MemoryLimit.Source.addressSpace, "-v"), (.data, "-d")])
    func mappingsCountWithStacksAndReserve(_ source: MemoryLimit.Source, flag: String) throws {
        let taken = 100_000_000
        let needed = 3_000_000_000 + MemoryDemand.reserve + 4 * MemoryDemand.stackBytes + taken
        #expect(finding(MemoryLimit(source, bytes: needed, taken: taken)) == nil)
        let tight = MemoryLimit(source, bytes: needed - 1, taken: taken)
        let shortage = try #require(demand.shortage(under: [tight]))
        #expect(shortage.finding.hasPrefix("at least 3.2 GB of memory, with code and stacks, on 4"))
        #expect(shortage.finding.hasSuffix("is 3.2 GB (ulimit \(flag))"))
        #expect(shortage.otherRemedy == ", or raise the limit (ulimit \(flag))")
    }

    @Test func aThreadHasAStack() { #expect(MemoryDemand.stackBytes >= 1 << 16) }
}
