import Checkpoints
import Storage

/// The files of one run.
///
/// `config.yaml`, `metrics.jsonl`, `journal.egg`, `checkpoints/step-NNNNNNNN/` with `model.safetensors`
/// and `training.safetensors`, the symbolic links `latest` and `best`, and the empty `lock`.
struct RunDirectory {
    let path: String

    static let trainingFile = "training.safetensors"
    /// What the names of damaged files that were set aside end with.
    static let damagedSuffix = ".damaged"
    private static let bestName = "best"
    private static let stepPrefix = "step-"

    var config: String { Paths.join(path, RunFiles.config) }
    var metrics: String { Paths.join(path, RunFiles.metrics) }
    var journal: String { Paths.join(path, RunFiles.journal) }
    private var checkpoints: String { Paths.join(path, RunFiles.checkpoints) }
    private var latest: String { Paths.join(path, ModelCheckpoint.latestName) }
    private var best: String { Paths.join(path, Self.bestName) }

    /// Whether a run has begun here.
    var holdsRun: Bool { get throws(FileError) { try RunFiles.isRun(path) } }

    /// Keeps other processes from training here for as long as the lock lives.
    /// - Throws: ``ResumeError`` when one does, or `FileError`.
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
        try refuseRun()
        try Files.createDirectory(checkpoints)
        return lock
    }

    /// - Throws: ``ResumeError`` when a run has begun here.
    func refuseRun() throws {
        guard try !holdsRun else {
            throw ResumeError(
                path, "already holds a run",
                remedy: "continue it with --resume or choose another --output")
        }
    }

    /// `step-00000100`
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

    /// The directory of a step's checkpoint.
    func checkpoint(step: Int) -> String { Paths.join(checkpoints, Self.name(step: step)) }

    /// Writes a checkpoint aside, makes it durable and only then gives it its name.
    /// - Parameter write: writes the files into the directory that it is given.
    func publish(step: Int, write: (_ directory: String) throws -> Void) throws {
        let final = checkpoint(step: step)
        let temporary = final + AtomicFile.suffix
        try Files.removeTree(temporary)
        try Files.createDirectory(temporary)
        do {
            try write(temporary)
            try Files.syncDirectory(temporary)
        } catch {
            try? Files.removeTree(temporary)
            throw error
        }
        try Files.removeTree(final)  // of an interrupted run that is being repeated
        try Files.rename(temporary, to: final)
        try Files.syncDirectory(checkpoints)
        try markLatest(step: step)
    }

    /// Gives a damaged checkpoint a name that none has, so that it is neither used nor counted.
    func setAside(step: Int) throws(FileError) {
        let damaged = checkpoint(step: step)
        try Files.removeTree(damaged + Self.damagedSuffix)
        try Files.rename(damaged, to: damaged + Self.damagedSuffix)
        try Files.syncDirectory(checkpoints)
    }

    /// Does what a crash after the checkpoint of `step` got its name may have left undone.
    /// - Parameter best: the step of the best checkpoint, as that of `step` knows it.
    func repair(step: Int, best: Int?, keep: Int) throws(FileError) {
        try Files.createDirectory(checkpoints)
        try markLatest(step: step)
        if let best, try Files.kind(checkpoint(step: best)) == .directory {
            try markBest(step: best)
        }
        try prune(keep: keep)
    }

    private func markLatest(step: Int) throws(FileError) {
        try Files.replaceLink(latest, target: "checkpoints/" + Self.name(step: step))
    }

    func markBest(step: Int) throws(FileError) {
        try Files.replaceLink(best, target: "checkpoints/" + Self.name(step: step))
    }

    /// Removes all but the newest `keep` checkpoints and the best one.
    func prune(keep: Int) throws(FileError) {
        let best = try Files.linkTarget(best).map(Paths.name)
        for step in try steps().dropLast(keep) where Self.name(step: step) != best {
            try Files.removeTree(checkpoint(step: step))
        }
        for name in try Files.list(checkpoints) where name.hasSuffix(AtomicFile.suffix) {
            try Files.removeTree(Paths.join(checkpoints, name))
        }
    }
}
