import ArgumentParser
import CommandSupport
import EvolutionStrategy
import FixedPoint
import IntegerTensor
import RecurrentLM
import Storage

struct KernelBench: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernel-bench",
        abstract: "Measures the population's forward pass against the processor's own limit.",
        discussion: """
            Each line is the median of several blocks. The roofline, the kernel's multiplier busy with
            nothing else on as many threads, is measured before and after each block, because the
            speed of a shared machine changes by the second.

            EXAMPLES:
              kernel-bench
              kernel-bench --kernel portable --threads 1 --shape 1x64x64
              kernel-bench --list
            """,
        version: toolkitVersion)

    @Flag(help: "List the kernels of this build and whether the machine can run them.")
    var list = false

    @Flag(help: "With --list, only the names of those that can run.")
    var names = false

    @Option(
        help: ArgumentHelp(
            "Layers x hidden x MLP width; may be given several times.", valueName: "LxDxH"))
    var shape: [String] = ["6x256x1024", "2x128x512", "1x64x64"]

    @Option(help: "Members of the population.")
    var population = 1024

    @Option(help: "Blocks measured for each shape.")
    var blocks = 7

    @Flag(help: "Print JSON, one object a line.")
    var json = false

    @OptionGroup var compute: ComputeOptions

    mutating func execute() throws -> Int32 {
        if list { return listKernels() }
        let shapes = try shape.map(Self.parse)
        let members = Population(size: population, segmentTokens: ThroughputBench.segmentTokens)
        for config in shapes { try BenchLimits.check(config, members) }
        _ = try requireRange(blocks, 1...1000, flag: "--blocks")
        let bench = ThroughputBench(
            kernel: try compute.chooseKernel(), threads: try compute.threadCount(), blocks: blocks)
        if !json { print(Throughput.header) }
        for config in shapes {
            let result = bench.measure(config, members)
            print(json ? result.json.text : result.line)
        }
        return 0
    }

    private func listKernels() -> Int32 {
        for candidate in Kernel.candidates {
            if names {
                if candidate.refusal == nil { print(candidate.kernel.name) }
            } else {
                print("\(candidate.kernel.name): \(candidate.refusal ?? "available")")
            }
        }
        return 0
    }

    private static func parse(_ text: String) throws(UsageError) -> ModelConfig {
        let parts = text.split(separator: "x").map { Int($0) }
        guard parts.count == 3, let layers = parts[0], let hidden = parts[1], let width = parts[2]
        else {
            throw UsageError(
                flag: "--shape", finding: "'\(text)' is not of the form LxDxH",
                remedy: "write for example 6x256x1024")
        }
        return ModelConfig(hidden: hidden, layers: layers, mlpWidth: width, mlp: .relu)
    }
}
