import ArgumentParser
import EvolutionStrategy
import FixedPoint
import IntegerTensor
import RecurrentLM
import Storage

struct KernelBenchCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernel-bench",
        abstract: "Check the kernels and measure the speed of training.",
        discussion: """
            First compares each kernel with the plain reference; a kernel that differs is \
            reported as an error and gives no figures. Then measures whole training steps \
            (evaluation, votes, update) of the methods: each line shows the median of several blocks, with the \
            10th and the 90th percentile. The roofline is the speed of the kernel's multiplier \
            where it has nothing else to do, on as many threads at once; it is measured before \
            and after each block, because the speed of a shared machine changes by the second. \
            The shares of the parts of a step come from further steps, whose kernel calls are \
            timed. The speed is compared with that of batch inference, measured by turns: the \
            same rows through the unperturbed model, without noise, votes and update.

            EXAMPLES
              kernel-bench
              kernel-bench --kernel portable --threads 1 --shape 1x64x64
              kernel-bench --method node-perturbation --threads 2
              kernel-bench --full --json > figures.jsonl
              kernel-bench --full --compare figures.jsonl
              kernel-bench --list
            """,
        version: toolkitVersion)

    private static let defaultPopulations = [1024]
    private static let fullPopulations = [1024, 4096]

    @Flag(help: "List the kernels of this build, and say whether this machine can run them.")
    var list = false

    @Flag(help: "With --list, print only the names of those that it can run.")
    var names = false

    @Option(
        help: ArgumentHelp(
            "The method that trains; may be given several times. (default: both, or eggroll where --shape is given)",
            valueName: "name"))
    var method: [BenchMethod] = []

    @Option(
        help: ArgumentHelp(
            "Layers x hidden size x MLP width; may be given several times. (default: for eggroll 6x256x1024, 2x128x512,"
                + " 1x64x64 and 4x512x2048; for node-perturbation the quickstart's 1x128x128, without contexts and with its"
                + " seven)", valueName: "LxDxH"))
    var shape: [String] = []

    @Option(
        help: ArgumentHelp(
            "Give the models contexts, such as 2,3,4,word,word-pair, whose rows are added to the input of the"
                + " recurrence. Additions do not count as multiply-accumulates.", valueName: "list")
    )
    var contexts: String?

    @Option(
        help: ArgumentHelp("The rows of the contexts, a power of two.", valueName: "n"))
    var contextRows = 1 << 20

    @Option(
        help: ArgumentHelp(
            "The number of members of the population; may be given several times."
                + " (default: 1024, with --full 1024 and 4096)", valueName: "n"))
    var population: [Int] = []

    @Option(
        help: ArgumentHelp(
            "The number of tokens in a segment. (default: 25 for eggroll, 8 for node-perturbation)",
            valueName: "n"))
    var tokens: Int?

    @Option(
        help: ArgumentHelp("The number of blocks that are measured for each line.", valueName: "n"))
    var blocks = 5

    @Flag(help: "Measure with 1 thread, with 2 threads and so on up to --threads.")
    var scaling = false

    @Flag(help: "Check and measure every kernel that this machine can run.")
    var everyKernel = false

    @Flag(help: "Measure populations of 1024 and 4096 with --scaling; this takes some ten minutes.")
    var full = false

    @Flag(
        help: ArgumentHelp(
            "Compare the speed with that of noise of full rank too: each member has its own copy of the weights, and its"
                + " noise is drawn once a segment (stored) or at each token (redrawn)."))
    var naive = false

    @Flag(help: "Print JSON, one object to a line.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "Divide speeds and shares of the roofline by those of the same rows in a file that --json wrote, or in standard"
                + " input (-), and name the rows that only one has. In parentheses stand the widest ratios that the tenths"
                + " of both allow.", valueName: "path"))
    var compare: String?

    @OptionGroup var compute: ComputeOptions

    mutating func execute() throws -> Int32 {
        try ArgumentText.requireUTF8()
        if list { return listKernels() }
        let kernels = everyKernel ? Kernel.available : [try compute.chooseKernel()]
        let threads = try compute.threads.count()
        _ = try requireRange(blocks, 1...1000, flag: "--blocks")
        let workloads = try makeWorkloads(kernels, threads: threads)
        let earlier = try compare.map { try EarlierFigures($0) }
        let pool = WorkerPool(threads: threads)
        for kernel in kernels { try KernelCheck(kernel: kernel, pool: pool).run() }
        if !json { try Self.printLine(StepSpeed.header) }
        var measured: Set<BenchRow> = []
        for workload in workloads {
            for count in (scaling || full ? 1 : threads)...threads {
                let bench = StepBench(
                    kernel: workload.kernel, blocks: blocks, comparesNaive: naive)
                let speed = bench.measure(workload, threads: count)
                measured.insert(speed.row)
                try show(speed, earlier)
            }
        }
        for line in earlier?.missing(from: measured) ?? [] {
            if json { printWarning(line) } else { try Self.printLine(line) }
        }
        return 0
    }

    private func show(_ speed: StepSpeed, _ earlier: EarlierFigures?) throws {
        if json { return try Self.printLine(speed.json(comparedWith: earlier).text) }
        try Self.printLine(
            ([speed.lines] + (earlier.map { [$0.line(speed)] } ?? [])).joined(separator: "\n"))
    }

    /// A line that appears at once: the next may take a minute.
    private static func printLine(_ text: String) throws {
        try StandardOutput.write(Array((text + "\n").utf8))
    }

    /// Everything to be measured, checked before anything is.
    private func makeWorkloads(
        _ kernels: [Kernel], threads: Int
    ) throws(UsageError) -> [StepWorkload] {
        let sizes = full ? Self.fullPopulations : Self.defaultPopulations
        var methods = method.isEmpty ? BenchMethod.allCases : method
        if method.isEmpty, !shape.isEmpty { methods = [.eggroll] }
        var workloads: [StepWorkload] = []
        for method in methods {
            for config in try models(method) {
                for size in population.isEmpty ? sizes : population {
                    let members = Population(
                        size: size, segmentTokens: tokens ?? method.usualTokens)
                    workloads += kernels.map {
                        StepWorkload(
                            config: config, method: method, population: members, kernel: $0)
                    }
                }
            }
        }
        for workload in workloads { try BenchLimits.check(workload, threads: threads) }
        return workloads
    }

    /// The models that are named, or else the usual ones of a method.
    private func models(_ method: BenchMethod) throws(UsageError) -> [ModelConfig] {
        var models: [ModelConfig] = []
        for text in shape { models.append(try Self.parse(text, method)) }
        if shape.isEmpty { models = method.usualModels }
        guard contexts != nil else { return models }
        var plain: [ModelConfig] = []
        for var model in models {
            (model.contexts, model.contextRows) = ([], 0)
            if !plain.contains(model) { plain.append(model) }
        }
        return try plain.map(withContexts)
    }

    private func withContexts(_ config: ModelConfig) throws(UsageError) -> ModelConfig {
        guard let contexts else { return config }
        guard let kinds = [ContextKind](list: contexts) else {
            throw UsageError(
                flag: "--contexts", finding: "'\(contexts)' is no list of contexts",
                remedy: "name numbers of bytes from 1 to 7, word and word-pair, divided by commas")
        }
        var config = config
        config.contexts = kinds
        config.contextRows = contextRows
        return config
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

    private static func parse(
        _ text: String, _ method: BenchMethod
    ) throws(UsageError) -> ModelConfig {
        let parts = text.split(separator: "x").map { Int($0) }
        guard parts.count == 3, let layers = parts[0], let hidden = parts[1], let width = parts[2]
        else {
            throw UsageError(
                flag: "--shape", finding: "'\(text)' is not of the form LxDxH",
                remedy: "write for example 6x256x1024")
        }
        return method.model(layers: layers, hidden: hidden, mlpWidth: width)
    }
}
