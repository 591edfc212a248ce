import IntegerTensor
import Storage
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// `kernel-bench` as a user runs it.
@Suite struct KernelBenchTests {
    @Test func listsTheKernels() throws {
        let result = try Workspace().run(.kernelBench, ["--list", "--names"])
        expectSuccess(result)
        #expect(result.text.split(separator: "\n").map(String.init) == Kernel.available.map(\.name))
    }

    @Test func measuresAShape() throws {
        let flags = ["--shape", "1x16x16", "--population", "32", "--blocks", "1", "--json"]
        let result = try Workspace().run(.kernelBench, flags + ["--threads", "2"])
        expectSuccess(result)
        let report = try JSONValue(result.output)
        #expect(report["shape"]?.string == "1x16x16" && report["population"]?.integer == 32)
        #expect((report["memberTokensPerSecond"]?.integer ?? 0) > 0)
    }

    /// Needs 284 GB: only a machine that has them measures it.
    @Test(.enabled(if: sysconf(Int32(_SC_PHYS_PAGES)) < 280_000_000_000 / Int(getpagesize())))
    func moreThanTheMemoryIsRefused() throws {
        let flags = ["--shape", "64x4096x16383", "--population", "985984"]
        let result = try Workspace().run(.kernelBench, flags)
        expectError(
            result, code: 64, ["--shape: 64x4096x16383", "at least 284", "GB of memory", "smaller"])
    }

    @Test(arguments: bad) func isRefused(_ input: BadInput) throws { try input.check() }

    private static func bad(
        _ name: String, _ arguments: [String], _ fragments: String...
    ) -> BadInput {
        BadInput(name: name, command: .kernelBench, code: 64, fragments: fragments) { _ in
            arguments
        }
    }

    private static let largest = "9223372036854775807"

    static let bad: [BadInput] = [
        bad("a shape of two numbers", ["--shape", "6x256"], "--shape: '6x256'", "6x256x1024"),
        bad("a shape of words", ["--shape", "axbxc"], "--shape: 'axbxc'", "6x256x1024"),
        bad(
            "a shape past every range", ["--shape", "\(largest)x\(largest)x\(largest)"],
            "--shape: model.hidden: \(largest) is out of range", "use 1 to"),
        bad(
            "a population past its range", ["--population", largest],
            "--population: population.size: \(largest) is out of range", "use 2 to"),
        bad("an odd population", ["--population", "7"], "--population: ", "not divisible"),
        bad("a population of none", ["--population", "0"], "--population: ", "use 2 to"),
        bad("no blocks", ["--blocks", "0"], "--blocks: 0 is out of range", "use 1 to 1000"),
        bad("no threads", ["--threads", "0"], "--threads: 0 is out of range", "use 1 to"),
    ]
}
