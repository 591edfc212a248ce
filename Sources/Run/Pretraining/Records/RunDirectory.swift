import Checkpoints
import Storage

/// The files of one run.
///
/// `config.yaml`, `metrics.jsonl`, `events.out.tfevents` where the config asks for it, `machines.jsonl`,
/// `journal.egg`, `checkpoints/step-NNNNNNNN/` with `model.safetensors`
/// and `training.safetensors`, the pointers `latest` and `best`, and the empty `lock`.
struct RunDirectory {
    let path: String
    /// The directory that the run has begun in; nil while it may still be another.
    private var identity: FileIdentity?

    init(path: String) { self.path = path }

    static let trainingFile = "training.safetensors"
    /// The ending of the names of damaged files that were set aside.
    static let damagedSuffix = ".damaged"
    private static let stepPrefix = "step-"

    var config: String { Paths.join(path, RunFiles.config) }
    var metrics: String { Paths.join(path, RunFiles.metrics) }
    var events: String { Paths.join(path, RunFiles.events) }
    var machines: String { Paths.join(path, RunFiles.machines) }
    var journal: String { Paths.join(path, RunFiles.journal) }
    /// The file of the training state of a step's checkpoint.
    func trainingState(step: Int) -> String {
        Paths.join(checkpoint(step: step), Self.trainingFile)
    }
    private var checkpoints: String { Paths.join(path, RunFiles.checkpoints) }
    private var latest: Pointer { RunFiles.pointer(RunFiles.latest, in: path) }
    private var best: Pointer { RunFiles.pointer(RunFiles.best, in: path) }

    /// Whether a run has begun here.
    var holdsRun: Bool { get throws(FileError) { try RunFiles.isRun(path) } }

    /// Keeps other processes from training here for as long as the lock lives.
    /// - Throws: ``ResumeError`` when another process trains here, or `FileError`.
    func lock() throws -> DirectoryLock {
        guard try Files.linkTarget(checkpoints) == nil else {
            throw ResumeError(
                checkpoints,
                "is a symbolic link, and checkpoints would be written to where it leads",
                remedy: "put the directory in its place; the run directory itself may be a link")
        }
        guard let lock = try DirectoryLock(path) else {
            throw ResumeError(
                path, "is in use by another pretrain",
                remedy: "wait until that one ends, or choose another --output")
        }
        return lock
    }

    /// Makes the directory for a new run and locks it.
    /// - Throws: ``ResumeError`` when another process was faster, or `FileError`.
    func createLocked() throws -> DirectoryLock {
        try Files.createDirectory(path)
        let lock = try lock()
        try requireFree()
        try Files.createDirectory(checkpoints)
        return lock
    }

    /// Checks that a new run may begin here.
    /// - Throws: ``ResumeError`` when one has begun already, or a file that `pretrain` did not write has the name of
    ///   one that it would write; `FileError`.
    func requireFree() throws {
        guard try !holdsRun else {
            throw ResumeError(
                path, "already holds a run",
                remedy: "continue it with --resume or choose another --output")
        }
        for file in [config, metrics, events, machines, journal] where try Files.kind(file) != nil {
            throw Self.foreign(file)
        }
        // A run that was killed at its very beginning leaves the directory empty.
        let isEmpty = try Files.kind(checkpoints) == .directory && Files.list(checkpoints).isEmpty
        guard try isEmpty || Files.kind(checkpoints) == nil else { throw Self.foreign(checkpoints) }
        try checkPointers()
    }

    /// Checks that the run that has begun here can be continued with a config.
    /// - Throws: ``ResumeError`` when no run has begun here, or a file of the run was replaced by one that `pretrain`
    ///   did not write; `FileError`.
    func requireRun(resolving text: [UInt8]) throws {
        guard try holdsRun else {
            throw ResumeError(
                path, "there is nothing to continue here",
                remedy: "leave out --resume to begin a new run, or name the directory of one")
        }
        if try Files.kind(config) != nil,
            try !RunFiles.begins(config, with: RunFiles.configOpening),
            try Files.read(config, atMost: RunConfig.sizeLimit) != text
        {
            throw Self.foreign(config)
        }
        try checkPointers()
    }

    /// The error of a file that has the name of one that `pretrain` would write.
    static func foreign(_ file: String) -> ResumeError {
        ResumeError(
            file, "is there, and pretrain did not write it",
            remedy: "move it away, or choose another --output")
    }

    private func checkPointers() throws {
        try latest.check()
        try best.check()
    }

    /// This directory, held to: from now on it is an error when another has its path.
    func held() throws -> RunDirectory {
        var directory = self
        directory.identity = try FileIdentity(path)
        return directory
    }

    /// Checks that the path still names the directory that the run has begun in.
    /// - Throws: ``ResumeError`` when it names another one or nothing.
    func requireUnmoved() throws {
        guard let identity, try FileIdentity(path) != identity else { return }
        throw ResumeError(
            path,
            "is no longer the directory of this run: it was moved or deleted while the run went on",
            remedy: "continue the run where its directory is now with pretrain --resume")
    }

    /// The name of a checkpoint, such as `step-00000100`.
    private static func name(step: Int) -> String {
        let digits = String(step)
        return stepPrefix + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    /// The steps of the complete checkpoints, ascending.
    func steps() throws(FileError) -> [Int] {
        guard try Files.kind(checkpoints) == .directory else { return [] }
        return try Files.list(checkpoints).compactMap { name in
            guard name.hasPrefix(Self.stepPrefix),
                let step = Int(name.dropFirst(Self.stepPrefix.count)), step >= 0,
                name == Self.name(step: step)
            else { return nil }
            return step
        }.sorted()
    }

    /// Checks that the checkpoint of a step was made here.
    /// - Throws: ``ResumeError`` when it is a symbolic link.
    func requireOwnCheckpoint(step: Int) throws {
        guard try Files.linkTarget(checkpoint(step: step)) != nil else { return }
        throw ResumeError(
            checkpoint(step: step),
            "is a symbolic link, and a run goes on from checkpoints of its own",
            remedy: "put the directory in its place")
    }

    /// The directory of a step's checkpoint.
    func checkpoint(step: Int) -> String { Paths.join(checkpoints, Self.name(step: step)) }

    /// Writes a checkpoint aside, makes it durable and only then gives it its name. The files are written by `write`,
    /// into the directory that it is given.
    func publish(step: Int, write: (_ directory: String) throws -> Void) throws {
        let final = checkpoint(step: step)
        let temporary = final + AtomicFile.suffix
        try requireUnmoved()
        try Files.removeTree(temporary)
        try Files.createNewDirectory(temporary)
        do {
            try write(temporary)
            try Files.syncDirectory(temporary)
        } catch {
            try? Files.removeTree(temporary)
            throw error
        }
        try requireUnmoved()
        try Files.removeTree(final)  // of an interrupted run that is being repeated
        try Files.rename(temporary, to: final)
        try Files.syncDirectory(checkpoints)
        try requireUnmoved()
        try markLatest(step: step)
    }

    /// Gives a damaged checkpoint a name that no checkpoint has, so that it is neither used nor counted.
    func setAside(step: Int) throws(FileError) {
        let damaged = checkpoint(step: step)
        try Files.removeTree(damaged + Self.damagedSuffix)
        try Files.rename(damaged, to: damaged + Self.damagedSuffix)
        try Files.syncDirectory(checkpoints)
    }

    /// Does what a crash after the checkpoint of `step` got its name may have left undone; `best` is the step of the
    /// best checkpoint that the one of `step` knows.
    func repair(step: Int, best: Int?, keep: Int) throws {
        try Files.createDirectory(checkpoints)
        try markLatest(step: step)
        if let best, try Files.kind(checkpoint(step: best)) == .directory {
            try markBest(step: best)
        }
        try prune(keep: keep)
    }

    private func markLatest(step: Int) throws(FileError) {
        try latest.replace(target: latest.prefix + Self.name(step: step))
    }

    func markBest(step: Int) throws {
        try requireUnmoved()
        try best.replace(target: best.prefix + Self.name(step: step))
    }

    /// Removes all but the newest `keep` checkpoints and the best one.
    func prune(keep: Int) throws {
        try requireUnmoved()
        let best = try best.target.map(Paths.name)
        for step in try steps().dropLast(keep) where Self.name(step: step) != best {
            try Files.removeTree(checkpoint(step: step))
        }
        for name in try Files.list(checkpoints) where name.hasSuffix(AtomicFile.suffix) {
            try Files.removeTree(Paths.join(checkpoints, name))
        }
    }
}
