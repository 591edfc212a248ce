import ArgumentParser
import Storage
import TextGeneration

struct SampleCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Write text with a trained model.",
        discussion: """
            PATH is a run directory (its newest checkpoint is read), a checkpoint directory or a \
            .safetensors file. A file that another tool saved again may no longer name the \
            functions of the gate, the candidate and the MLP; flags name them then. The \
            command writes the prompt and then, as it is made, the text that continues it. Where the model ends a document, an empty line is shown and a new \
            document begins.

            Everything is computed in integers: the same model, prompt, settings and seed give \
            the same text on every machine. The repetition penalty, temperature, top-k, top-p and \
            min-p are applied in this order. Bytes that are not valid UTF-8 are shown as U+FFFD, and so are control \
            characters on a terminal; --raw writes each token as its byte.

            With --interactive, each line that is typed is added to the text so far, without its \
            line feed, and the model continues that text by up to --tokens tokens. An empty \
            line lets it go on. What is typed is not echoed. The command ends when its input does \
            (Ctrl-D).

            EXAMPLES
              sample --checkpoint runs/stories
              sample --checkpoint runs/stories --prompt "Once upon a time" --stop .
              sample --checkpoint model.safetensors --temperature 0 --no-echo
              sample --checkpoint runs/stories --repetition-penalty 1.5
              sample --checkpoint runs/stories --count 3 --seed 7 --top-p 0.9
              sample --checkpoint runs/stories --interactive --tokens 100
              cat a.txt | sample --checkpoint runs/stories --prompt - --raw > b.bin
            """,
        version: toolkitVersion)

    static let usualTemperature = "0.8"

    @Option(help: ArgumentHelp("The model to read.", valueName: "path"))
    var checkpoint: String

    @OptionGroup var functions: FunctionOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The text to continue, or - for the bytes of standard input.", valueName: "text"))
    var prompt = ""

    @Flag(
        inversion: .prefixedNo,
        help: "Write the prompt before each text that continues it, also with --raw.")
    var echo = true

    @Flag(help: "Take turns: continue one text after each line of standard input.")
    var interactive = false

    @Option(help: ArgumentHelp("The most tokens (bytes) in a sample.", valueName: "n"))
    var tokens = 500

    @Option(
        help: ArgumentHelp(
            "More than 1 gives more variety, less than 1 gives less; 0 always takes the most probable token.",
            valueName: "t"))
    var temperature = Self.usualTemperature

    @Option(help: ArgumentHelp("Draw from the N most probable tokens.", valueName: "n"))
    var topK = SamplingSettings.topKRange.upperBound

    @Option(
        help: ArgumentHelp(
            "Draw from the smallest set of most probable tokens that together have probability P.",
            valueName: "p"))
    var topP = "1"

    @Option(
        help: ArgumentHelp(
            "Draw from tokens that are at least P times as probable as the most probable one.",
            valueName: "p"))
    var minP = "0"

    @Option(
        help: ArgumentHelp(
            "Make a byte less probable by so many bits where it followed the last three bytes before, within 256 bytes.",
            valueName: "bits"))
    var repetitionPenalty = "0"

    @Option(help: ArgumentHelp("The seed of the draws.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(
        help: ArgumentHelp("The number of samples; sample i is the same for any N.", valueName: "n")
    )
    var count = 1

    @Flag(help: "Write the bytes as they are; several samples are separated by a NUL byte.")
    var raw = false

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "End a sample before this text; may be given several times.", valueName: "text"))
    var stop: [String] = []

    @Flag(help: "End a sample where the model ends its document.")
    var stopAtDocumentEnd = false

    @OptionGroup var compute: ComputeOptions

    mutating func execute() throws -> Int32 {
        try ArgumentText.requireUTF8()
        let plan = try SamplePlan(self)
        let pool = try compute.makePool()
        let kernel = try compute.chooseKernel()
        let model = try TextModel.load(
            checkpoint, functions: functions.named, kernel: kernel)
        let generator = TextGenerator(
            model, sampler: TokenSampler(settings: plan.settings, seed: seed))
        var request = TextGenerator.Request(
            tokens: plan.tokens, stopsAtSeparator: stopAtDocumentEnd, stops: plan.stops)
        if interactive {
            try Dialogue(model: model, generator: generator, request: request, style: style).run()
        } else {
            request.prompt = try readPrompt()
            let output = SampleOutput(count: plan.count, style: style, echo: echo)
            try output.write(with: generator, request, pool: pool)
        }
        return 0
    }

    private var style: TextRenderer.Style {
        if raw { return .raw }
        return StandardOutput.isTerminal ? .terminal : .text
    }

    private func readPrompt() throws -> [UInt8] {
        guard prompt == InputFile.standardName else { return Array(prompt.utf8) }
        var input = PromptInput(flag: "--prompt")
        return try input.readAll()
    }
}
