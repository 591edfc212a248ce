import EvolutionStrategy
import Journal
import RecurrentLM
import Storage

/// The files of a run that trains. Only the first process of a run has them.
final class RunRecords {
    let directory: RunDirectory
    /// What was found damaged, and what was done about it.
    let notices: [String]
    /// The lock, which is held for as long as the records live.
    private let lock: DirectoryLock
    private let log: MetricsLog
    /// Nil where the config asks for none.
    private let events: EventLog?
    private let machines: MachineLog
    private let journal: RunJournal
    private let syncEvery: Int

    /// Begins the files of a new run or continues those of an old one.
    ///
    /// Everything is checked before anything is written.
    /// - Parameters:
    ///   - directory: The run directory.
    ///   - config: The config to go on with.
    ///   - header: What the journal begins with; its weights are those that the run continues with.
    ///   - heldLock: The lock of a run that is continued; nil for a new one.
    ///   - start: What the run continues from; nil to begin at step 0.
    ///   - machine: What it goes on with.
    /// - Throws: ``ResumeError`` or `FileError`.
    init(
        _ directory: RunDirectory, _ config: RunConfig, _ header: JournalHeader,
        heldLock: DirectoryLock?, start: Trainer.Start?, machine: MachineRecord
    ) throws {
        let plan =
            heldLock == nil
            ? JournalPlan(new: header)
            : try JournalPlan(
                resuming: directory.journal, header, state: start?.state,
                isReplanned: start?.isReplanned ?? false)
        for path in [
            directory.metrics, directory.events, directory.machines, directory.journal,
        ] {
            if let kind = try Files.kind(path), kind != .file {
                throw FileError(path, "is not a file", remedy: "move it away")
            }
        }
        if config.metrics.tensorboard { try EventLog.requireOwn(directory.events) }
        lock = try heldLock ?? directory.createLocked()
        let directory = try directory.held()
        self.directory = directory
        for (step, _) in start?.damaged ?? [] { try directory.setAside(step: step) }
        if let state = start?.state {
            try directory.repair(
                step: state.step, best: state.best?.step, keep: config.checkpoints.keep)
        }
        let text = Array(config.yaml.utf8)
        if heldLock != nil { try directory.requireRun(resolving: text) }
        // Steps of a plan that is given up must be out of the journal before the config has the new one.
        let isContinued = heldLock != nil && plan.continuesJournal
        if !isContinued { try AtomicFile.write(text, to: directory.config) }
        journal = try RunJournal(directory.journal, plan)
        if isContinued { try AtomicFile.write(text, to: directory.config) }
        let steps = start?.state.step ?? 0
        log = try MetricsLog(directory.metrics, keepingSteps: steps)
        events =
            config.metrics.tensorboard
            ? try EventLog(directory.events, keepingSteps: steps) : nil
        machines = MachineLog(directory.machines, machine)
        notices =
            Trainer.notices(of: start) + plan.notices + log.notices + (events?.notices ?? [])
        syncEvery = config.journal.syncEvery
    }

    /// The checksum of the journal's last record.
    var journalChain: String { XXH64.hex(journal.chain) }

    /// Enters a step that was just done into the journal, or compares it with its record there.
    func enter(
        _ votes: Votes, step: Int, parameters: Parameters, withDigest: Bool
    ) throws {
        try directory.requireUnmoved()
        try journal.record(
            votes, step: step, parameters: parameters, withDigest: withDigest)
        if syncEvery > 0 && step.isMultiple(of: syncEvery) { try journal.sync() }
    }

    func append(_ metrics: StepMetrics) throws(FileError) {
        try machines.append()
        try log.append(metrics)
        try events?.append(metrics)
    }

    /// Makes what was written durable.
    func sync() throws(FileError) {
        try log.sync()
        try events?.sync()
        try journal.sync()
    }
}
