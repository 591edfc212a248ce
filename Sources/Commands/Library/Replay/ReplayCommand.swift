import ArgumentParser
import Checkpoints
import Pretraining
import Storage

struct ReplayCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Rebuild the weights of any step from a run's journal.",
        discussion: """
            The journal of a run with noise on the weights (method: eggroll) holds the fitness of \
            each step. Together with the config it determines the whole model: this command \
            repeats the updates alone, without running the model, and compares every digest on \
            the way. It needs no text, but for a model with contexts, whose rows the text \
            chooses. The file that it writes has the bytes of the checkpoint of that step.

            EXAMPLES
              replay --run runs/weights --to-step 300 --output step-300.safetensors
              replay --run runs/weights --verify
            """,
        version: toolkitVersion)

    @Option(help: ArgumentHelp("The run directory.", valueName: "dir"))
    var run: String

    @Option(
        help: ArgumentHelp(
            "The step to stop after. (default: the last in the journal)", valueName: "n"))
    var toStep: Int?

    @Option(
        help: ArgumentHelp(
            "Write the model of that step to this file, or to standard output for -; the summary then goes to "
                + "standard error.",
            valueName: "path"))
    var output: String?

    @Flag(
        help: """
            Compare the weights with every digest of the journal and every checkpoint of the run, and say where \
            they diverge.
            """)
    var verify = false

    @OptionGroup var compute: ComputeOptions

    mutating func execute() throws -> Int32 {
        try ArgumentText.requireUTF8()
        guard verify || output != nil else {
            throw UsageError(
                flag: "--output", finding: "there is nothing to do",
                remedy: "name a file to write, or pass --verify")
        }
        if let toStep, toStep < 0 {
            throw UsageError(
                flag: "--to-step", finding: "\(toStep) is negative", remedy: "give a step from 0")
        }
        if let output { try guardRun(output) }
        let replay = try Replay(
            run: run, kernel: try compute.chooseKernel(), threads: try compute.threads.count())
        let clock = ContinuousClock()
        let begin = clock.now
        let checkpoints = try advance(replay)
        let time = clock.now - begin
        let summary = ReplaySummary(
            replay, run: run, checkpoints: verify ? checkpoints : nil, time
        ).text
        guard let output, output == InputFile.standardName else {
            if let output { try replay.checkpoint.write(to: output) }
            print(summary)
            if let output {
                print("next: " + NextCommand.line(.sample, ["--checkpoint", output]))
            }
            return 0
        }
        try replay.checkpoint.write("standard output", by: StandardOutput.write)
        writeToStandardError(summary + "\n")
        return 0
    }

    /// - Throws: `UsageError` where the output is a file of a run or lies in one.
    private func guardRun(_ output: String) throws {
        var outputs = OutputGuard()
        outputs.reads(run, flag: "--run")
        try outputs.writes(file: output, flag: "--output")
    }

    /// Replays as far as is asked for.
    /// - Returns: the number of checkpoints compared.
    private func advance(_ replay: Replay) throws -> Int {
        var checkpoints = 0
        while replay.step != toStep, try replay.advance() {
            if verify, try replay.compareWithCheckpoint() { checkpoints += 1 }
        }
        if let toStep, replay.step < toStep {
            throw ReplayEnd(run, "its journal ends after step \(replay.step), before \(toStep)")
        }
        if verify, toStep == nil {
            let newest = try replay.newestCheckpoint()
            guard newest <= replay.step else {
                throw ReplayEnd(
                    run,
                    "its journal ends after step \(replay.step), its newest checkpoint has \(newest)"
                )
            }
        }
        return checkpoints
    }
}
