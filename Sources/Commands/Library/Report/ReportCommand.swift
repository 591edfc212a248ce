import ArgumentParser
import Diagnostics
import Pretraining
import Storage

/// Shows runs in a page for a browser.
struct ReportCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Show training runs in a page for a browser.",
        discussion: """
            Reads one or several run directories and writes one HTML file that needs no network: the curves of \
            training and validation over steps, tokens, multiply-accumulates or seconds, the speed, \
            the settings, the machines, and the hashes that say what a run depends on. It may be \
            printed, and read on a phone. What is missing or damaged in a run is said in its part \
            of the page. A run that goes on meanwhile is not disturbed.

            EXAMPLES
              report runs/stories --output report.html
              report runs/a runs/b --samples --prompt "Once" --output both.html
            """,
        version: toolkitVersion)

    @Argument(help: ArgumentHelp("The run directories.", valueName: "run"))
    var runs: [String]

    @Option(name: .shortAndLong, help: "The file to write, or - for standard output.")
    var output: String

    @Flag(help: "Let every checkpoint that is still there write a sample.")
    var samples = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The text that the samples continue.", valueName: "text"))
    var prompt = ""

    @Option(help: ArgumentHelp("The tokens (bytes) of a sample.", valueName: "n"))
    var tokens = 300

    private static let tokenRange = 1...100_000

    mutating func execute() throws -> Int32 {
        try ArgumentText.requireUTF8()
        _ = try requireRange(tokens, Self.tokenRange, flag: "--tokens")
        guard samples || prompt.isEmpty else {
            throw UsageError(
                flag: "--prompt", finding: "has no use without --samples",
                remedy: "add --samples, or leave it out")
        }
        var outputs = OutputGuard()
        for run in runs { outputs.reads(run, flag: "run") }
        try outputs.writes(file: output, flag: "--output")
        let names = ShortNames.of(runs)
        let reported = try zip(runs, names).map { directory, name in
            let run = try RecordedRun(directory)
            let samples = try samples ? run.checkpoints.map(sample) : []
            return ReportedRun(run: run, name: name, samples: samples)
        }
        let bytes = Array(ReportPage(runs: reported).html.utf8)
        let destination = try OutputDestination(output)
        try destination.write(bytes)
        try destination.commit()
        if output != InputFile.standardName {
            print(
                "\(output.asPlainLine): \(runs.count.counted("run")), \(bytes.count) bytes;"
                    + " open it in a browser")
        }
        return 0
    }

    private func sample(_ checkpoint: RecordedRun.Checkpoint) throws -> ReportSample {
        try ReportSample(checkpoint, prompt: prompt, tokens: tokens)
    }
}
