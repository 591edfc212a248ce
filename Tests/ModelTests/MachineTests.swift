import TestSupport
import Testing

@testable import IntegerTensor

/// What a run notes of the machine that it is on.
@Suite struct MachineTests {
    #if os(Linux)
        @Test func theProcessorHasTheNameThatTheSystemGives() throws {
            let directory = try TemporaryDirectory()
            try directory.write(
                "proc/cpuinfo",
                "processor\t: 0\nmodel name\t: A  Fast: Processor \nprocessor\t: 1\nmodel name\t: B\n"
            )
            let machine = Machine(SystemFiles(root: directory.path))
            #expect(machine.processor == "A Fast: Processor")
            #expect(machine.system.hasPrefix("Linux ") && machine.processors > 0)
            #expect((machine.memoryBytes ?? 0) > 1 << 20)
        }
    #endif

    /// Processors of aarch64 have no name in that file.
    @Test(arguments: ["", "processor\t: 0\nCPU part\t: 0xd0c\n"])
    func aNameMayBeMissing(_ text: String) throws {
        let directory = try TemporaryDirectory()
        try directory.write("proc/cpuinfo", text)
        #expect(Machine(SystemFiles(root: directory.path)).processor.isEmpty)
    }
}
