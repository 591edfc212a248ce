import ArgumentParser
import CommandSupport
import EvolutionStrategy
import IntegerTensor
import Pretraining
import Processes
import Storage

struct Pretrain: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "pretrain",
        abstract: "Trains a model on token shards, with integers only.",
        discussion: """
            Reads a YAML config, trains, and writes config.yaml, metrics.jsonl, journal.egg and
            checkpoints into the run directory. The same config and shards give the same bytes on every machine.
            Built with --traits MPI, the processes of an mpirun or srun job share the work.

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

    @Option(
        help: ArgumentHelp(
            "Whether processes share the update too, each that of some weights: auto, always, never. Changes the"
                + " speed, never a result.", valueName: "when"))
    var updateSharing = UpdateSharing.auto.rawValue

    @Option(
        help: ArgumentHelp(
            "Gives each process a share by its measured speed every N steps, where that helps; 0 for shares by"
                + " threads. Changes the speed, never a result.", valueName: "N"))
    var rebalance = WorkSharing().rebalanceEvery

    @Option(
        help: ArgumentHelp(
            "Looks at every tensor and activation after each N-th step: shares at their bounds, weights that"
                + " changed, votes against noise (with noise on the weights). Into metrics.jsonl and on the"
                + " terminal; 0 for never.",
            valueName: "N"))
    var diagnostics = 0

    @Flag(help: "Write nothing but errors and warnings: no progress and no summary.")
    var quiet = false

    @OptionGroup var compute: ComputeOptions

    mutating func execute() throws -> Int32 {
        let processes = Self.joinProcesses()
        do {
            let code = try train(processes)
            processes.finish()
            return code
        } catch let failure as SharedFailure {
            if processes.isFirst { printError("\(failure)") }
            processes.finish()
            return failure.cause is UsageError ? CommandExit.usage : CommandExit.failure
        } catch {
            guard processes.count == 1 else { processes.abort("\(error)") }
            processes.finish()
            throw error
        }
    }

    private static func joinProcesses() -> any ProcessGroup {
        #if MPI
            MPIProcesses()
        #else
            SingleProcess()
        #endif
    }

    private func train(_ processes: any ProcessGroup) throws -> Int32 {
        let (kernel, threads, sharing, directory, runConfig) = try processes.together {
            try prepare()
        }
        try Trainer.check(
            runConfig, output: directory, resume: resume, threads: threads, processes: processes)
        let progress =
            processes.isFirst ? RunProgress(steps: runConfig.steps, isQuiet: quiet) : nil
        // What comes after it begins on a line of its own, an error too.
        defer { progress?.finish() }
        try processes.together {
            if let progress { try StorybookShards.makeIfMissing(runConfig, tell: progress.tell) }
        }
        let trainer = try Trainer(
            config: runConfig, output: directory, resume: resume, kernel: kernel,
            threads: threads, processes: processes, sharing: sharing)
        for notice in trainer.notices { printWarning(notice) }
        let signals = SignalFlag.install()
        progress?.begin(trainer, config: config, kernel: kernel.name, processes: processes.count)
        // A signal to one process stops all of them after the same step.
        var signal: Int32 = 0
        try trainer.run(
            diagnosticsEvery: diagnostics,
            shouldStop: {
                signal = processes.largest(signals.received ?? 0)
                return signal != 0
            }, observe: { progress?.show($0) })
        progress?.finish()
        if processes.isFirst && !quiet { print(summary(trainer)) }
        return signal == 0 ? 0 : CommandExit.signal(signal)
    }

    /// What the flags and the config say.
    private func prepare() throws -> (
        Kernel, threads: Int, WorkSharing, output: String, RunConfig
    ) {
        try ArgumentText.requireUTF8()
        let kernel = try compute.chooseKernel()
        let threads = try compute.threadCount()
        guard let update = UpdateSharing(rawValue: updateSharing) else {
            throw UsageError(
                flag: "--update-sharing", finding: "'\(updateSharing)' is unknown",
                remedy: "use one of "
                    + UpdateSharing.allCases.map(\.rawValue).joined(separator: ", "))
        }
        for (flag, steps) in [("--diagnostics", diagnostics), ("--rebalance", rebalance)] {
            guard steps >= 0 else {
                throw UsageError(
                    flag: flag, finding: "\(steps) is no number of steps", remedy: "use 0 or more")
            }
        }
        let directory = output ?? Self.defaultOutput(config)
        guard !directory.isEmpty else {
            throw UsageError(
                flag: "--output", finding: "the path is empty", remedy: "name a directory")
        }
        let sharing = WorkSharing(update: update, rebalanceEvery: rebalance)
        return (kernel, threads, sharing, directory, try readConfig())
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
