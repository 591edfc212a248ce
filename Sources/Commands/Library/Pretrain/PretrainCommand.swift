import ArgumentParser
import Diagnostics
import EvolutionStrategy
import IntegerTensor
import Pretraining
import Processes
import Settings
import Storage
import StoryGrammar

struct PretrainCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "pretrain",
        abstract: "Train a model on token shards, with integers only.",
        discussion: """
            Reads a YAML config, trains, and writes config.yaml, metrics.jsonl, journal.egg \
            and checkpoints into the run directory. The same config and shards give the same \
            bytes on every machine. In a build with --traits MPI, the processes of an mpirun or \
            srun job share the work.

            A run that is continued may be given more steps. A new run may begin with the weights \
            of an earlier one, for example to train on another text.

            EXAMPLES
              pretrain --config Configs/quickstart.yaml
              pretrain --config Configs/quickstart.yaml --output runs/a \\
                --set run.steps=200
              pretrain --resume runs/a
              pretrain --resume runs/a --set run.steps=400
              pretrain --config Configs/quickstart.yaml --init runs/a --output runs/b
            """,
        version: toolkitVersion)

    @Option(
        help: ArgumentHelp(
            "The config of the run, in YAML. (default: that of the run to continue)",
            valueName: "file"))
    var config: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Override values of the config; may be given several times.",
            valueName: "section.key=value"))
    var set: [String] = []

    @Option(
        help: ArgumentHelp(
            "The run directory. (default: runs/ and the config's name)", valueName: "dir"))
    var output: String?

    @Option(
        name: .customLong("init"),
        help: ArgumentHelp(
            "Begin with the weights of this checkpoint: a run directory, a checkpoint directory or a"
                + " .safetensors file.", valueName: "path"))
    var initialCheckpoint: String?

    @Option(
        defaultAsFlag: "",
        help: ArgumentHelp(
            "Continue the run in this directory from its newest checkpoint. (default: that of"
                + " --output)", valueName: "dir"))
    var resume: String? = nil

    @Option(
        help: ArgumentHelp(
            "Whether the processes share the update too, each updating some of the weights: auto, always or never."
                + " This changes the speed, never a result.", valueName: "when"))
    var updateSharing = UpdateSharing.auto.rawValue

    @Option(
        help: ArgumentHelp(
            "Every N steps, give each process a share of the work by its measured speed, where that helps; with 0"
                + " the shares follow the numbers of threads. This changes the speed, never a result.",
            valueName: "N"))
    var rebalance = WorkSharing().rebalanceEvery

    @Option(
        help: ArgumentHelp(
            "Look at every tensor and activation after each N-th step: how many values are at their bounds, how"
                + " many weights changed and, with noise on the weights, how far the votes stand out of their"
                + " noise. The figures go to metrics.jsonl and to the terminal; 0 means never.",
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
        try processes.requireSame([("--diagnostics", "\(diagnostics)")])
        let resume = resume != nil
        let progress =
            processes.isFirst ? RunProgress(steps: runConfig.steps, isQuiet: quiet) : nil
        // What comes after it begins on a line of its own, an error too.
        defer { progress?.finish() }
        let trainer = try Trainer(
            config: runConfig, output: directory, resume: resume, kernel: kernel,
            threads: threads, processes: processes, sharing: sharing
        ) {
            guard let progress, runConfig.storybookBytes > 0 else { return }
            try StorybookShards.makeIfMissing(
                runConfig.shards, bytes: runConfig.storybookBytes,
                grammar: StorybookCommand.usualGrammar, tell: progress.tell)
        }
        if processes.isFirst {
            for notice in trainer.config.notices + trainer.notices { printWarning(notice) }
        }
        let signals = SignalFlag.install()
        progress?.begin(
            trainer, config: config ?? Paths.join(directory, RunFiles.config), kernel: kernel.name,
            processes: processes.count)
        // A signal to one process stops all of them after the same step.
        var signal: Int32 = 0
        try trainer.run(
            diagnosticsEvery: diagnostics, observe: { progress?.show($0) },
            shouldStop: {
                signal = processes.largest(signals.received ?? 0)
                return signal != 0
            })
        progress?.finish()
        if processes.isFirst && !quiet {
            let showsCurve = StandardOutput.isTerminal && ErrorTerminal.showsUnicode
            print(
                RunSummary(
                    trainer: trainer, wasStopped: signal != 0,
                    curve: showsCurve ? progress?.curve.text : nil
                ).text)
        }
        return signal == 0 ? 0 : CommandExit.signal(signal)
    }

    /// What the flags and the config say.
    private func prepare() throws -> (
        Kernel, threads: Int, WorkSharing, output: String, RunConfig
    ) {
        try ArgumentText.requireUTF8()
        let kernel = try compute.chooseKernel()
        let threads = try compute.threads.count()
        guard let update = UpdateSharing(rawValue: updateSharing) else {
            throw UsageError(
                flag: "--update-sharing", finding: "'\(updateSharing)' is unknown",
                remedy: "use one of "
                    + UpdateSharing.allCases.map(\.rawValue).joined(separator: ", "))
        }
        for (flag, steps) in [("--diagnostics", diagnostics), ("--rebalance", rebalance)] {
            guard steps >= 0 else {
                throw UsageError(
                    flag: flag, finding: "\(steps) is not a number of steps",
                    remedy: "use 0 or more")
            }
        }
        let place = try RunPlace(config: config, output: output, resume: resume)
        guard initialCheckpoint == nil || resume == nil else {
            throw UsageError(
                flag: "--init", finding: "does not go with --resume",
                remedy: "leave it out; a run that is continued has its own weights")
        }
        let sharing = WorkSharing(update: update, rebalanceEvery: rebalance)
        let runConfig = try readConfig(place.config)
        return (
            kernel, threads, sharing, place.directory,
            initialCheckpoint.map { runConfig.beginning(with: $0) } ?? runConfig
        )
    }

    private func readConfig(_ config: String) throws -> RunConfig {
        do {
            return try RunConfig(file: config, overrides: set)
        } catch let error as ConfigError where error.isOverride {
            throw UsageError(flag: error.location, finding: error.finding, remedy: error.remedy)
        }
    }
}
