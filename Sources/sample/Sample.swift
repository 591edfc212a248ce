import ArgumentParser
import CommandSupport
import Storage
import TextGeneration

struct Sample: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Write text with a trained model.",
        discussion: """
            PATH is a run directory (its newest checkpoint), a checkpoint directory or a \
            .safetensors file. The text is written as it is made, without the prompt. Where the \
            model ends a document, an empty line is shown and a new document begins.

            Everything is computed in integers: the same model, prompt, settings and seed give \
            the same text on every machine. Temperature, top-k, top-p and min-p are applied in \
            this order. Bytes that are no valid UTF-8 are shown as U+FFFD, and on a terminal \
            control characters too; --raw writes each token as its byte.

            EXAMPLES
              sample --checkpoint runs/stories
              sample --checkpoint runs/stories --prompt "Once upon a time" --tokens 300
              sample --checkpoint model.safetensors --temperature 0
              sample --checkpoint runs/stories --count 3 --seed 7 --top-p 0.9
              cat opening.txt | sample --checkpoint runs/stories --prompt - --raw > text.bin
            """,
        version: toolkitVersion)

    @Option(help: ArgumentHelp("The model.", valueName: "path"))
    var checkpoint: String

    @Option(
        help: ArgumentHelp(
            "Text to continue, or - for the bytes of standard input.", valueName: "text"))
    var prompt = ""

    @Option(help: ArgumentHelp("Most tokens (bytes) of a sample.", valueName: "n"))
    var tokens = 500

    @Option(
        help: ArgumentHelp(
            "Above 1 for more variety, below 1 for less; 0 always takes the most probable token.",
            valueName: "t"))
    var temperature = "0.8"

    @Option(help: ArgumentHelp("Draw from the N most probable tokens.", valueName: "n"))
    var topK = SamplingSettings.topKRange.upperBound

    @Option(
        help: ArgumentHelp(
            "Draw from the fewest most probable tokens that have probability P together.",
            valueName: "p"))
    var topP = "1"

    @Option(
        help: ArgumentHelp(
            "Draw from tokens at least P times as probable as the most probable one.",
            valueName: "p"))
    var minP = "0"

    @Option(help: ArgumentHelp("Seed of the draws.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(
        help: ArgumentHelp("Number of samples; sample i is the same for any N.", valueName: "n"))
    var count = 1

    @Flag(help: "Write the bytes as they are; several samples are separated by a NUL byte.")
    var raw = false

    @Flag(help: "End a sample where the model ends its document.")
    var stopAtDocumentEnd = false

    @OptionGroup var compute: ComputeOptions

    mutating func execute() throws -> Int32 {
        try ArgumentText.requireUTF8()
        let plan = try SamplePlan(self)
        let pool = try compute.makePool()
        let kernel = try compute.chooseKernel()
        let model = try TextModel.load(checkpoint, kernel: kernel)
        let request = TextGenerator.Request(
            prompt: try readPrompt(), tokens: plan.tokens, stopsAtSeparator: stopAtDocumentEnd)
        let sampler = TokenSampler(settings: plan.settings, seed: seed)
        let output = SampleOutput(count: plan.count, raw: raw)
        try output.write(with: TextGenerator(model, sampler: sampler), request, pool: pool)
        return 0
    }

    /// More than any model here can make use of.
    private static let promptLimit = 64 << 20

    private func readPrompt() throws -> [UInt8] {
        guard prompt == "-" else { return Array(prompt.utf8) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try InputFile.standardInput.readNext(into: &chunk)
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= Self.promptLimit else {
                throw UsageError(
                    flag: "--prompt",
                    finding: "standard input holds more than \(Self.promptLimit) bytes",
                    remedy: "pass a shorter text")
            }
        }
    }
}
