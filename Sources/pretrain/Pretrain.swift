import ArgumentParser
import CommandSupport
import IntegerTensor
import Pretraining
import Storage

struct Pretrain: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "pretrain",
        abstract: "Trains a model on token shards, with integers only.",
        discussion: """
            Reads a YAML config, trains, and writes config.yaml, metrics.jsonl, journal.egg and
            checkpoints into the run directory. The same config and shards give the same bytes on every machine.

            EXAMPLES:
              pretrain --config Configs/quickstart.yaml
              pretrain --config Configs/quickstart.yaml --set run.steps=200 --output runs/short
              pretrain --config Configs/quickstart.yaml --output runs/short --resume
            """,
        version: toolkitVersion)

    @Option(help: ArgumentHelp("The run's config (YAML).", valueName: "file"))
    var config: String

    @Option(
        help: ArgumentHelp(
            "Overrides a value of the config; may be given several times.",
            valueName: "section.key=value"))
    var set: [String] = []

    @Option(
        help: ArgumentHelp(
            "The run directory. (default: runs/ and the config's name)", valueName: "dir"))
    var output: String?

    @Flag(help: "Continue the run in the run directory from its newest checkpoint.")
    var resume = false

    @OptionGroup var compute: ComputeOptions

    mutating func execute() throws -> Int32 {
        try ArgumentText.requireUTF8()
        let kernel = try compute.chooseKernel()
        let threads = try compute.threadCount()
        let directory = output ?? Self.defaultOutput(config)
        guard !directory.isEmpty else {
            throw UsageError(
                flag: "--output", finding: "the path is empty", remedy: "name a directory")
        }
        let runConfig = try readConfig()
        try Trainer.check(runConfig, output: directory, resume: resume)
        try StorybookShards.makeIfMissing(runConfig)
        let trainer = try Trainer(
            config: runConfig, output: directory, resume: resume, kernel: kernel,
            threads: threads)
        for notice in trainer.notices { printWarning(notice) }
        let signals = SignalFlag.install()
        let progress = ProgressLine(steps: runConfig.steps, kernel: kernel, threads: threads)
        progress.begin(trainer)
        try trainer.run(
            shouldStop: { signals.received != nil }, observe: { progress.show($0) })
        progress.finish()
        print(summary(trainer))
        return signals.received.map(CommandExit.signal) ?? 0
    }

    private func readConfig() throws -> RunConfig {
        do {
            return try RunConfig(file: config, overrides: set)
        } catch let error as ConfigError where error.isOverride {
            throw UsageError(flag: error.location, finding: error.finding, remedy: error.remedy)
        }
    }

    /// `runs/quickstart` for `Configs/quickstart.yaml`.
    private static func defaultOutput(_ config: String) -> String {
        let name = Paths.name(config)
        let stem = name.split(separator: ".").dropLast().joined(separator: ".")
        return "runs/" + (stem.isEmpty ? name : stem)
    }

    private func summary(_ trainer: Trainer) -> String {
        var lines = ["\(trainer.output): \(trainer.step) of \(trainer.config.steps) steps done"]
        if let result = trainer.lastValidation {
            lines.append(
                "validation \(result.exactBitsPerByte) bits/byte"
                    + " (integer tables \(result.integerBitsPerByte),"
                    + " unigram entropy \(result.unigramBitsPerByte))")
        }
        if trainer.step < trainer.config.steps {
            lines.append("stopped by a signal; continue with --resume")
        }
        lines.append("weights \(trainer.weightsHash)")
        return lines.joined(separator: "\n")
    }
}
