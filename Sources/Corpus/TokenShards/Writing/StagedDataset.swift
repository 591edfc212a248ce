import Storage
import Synchronization

/// An output directory whose files get their names together, once all of them are complete.
///
/// Files are written under temporary names beside their final ones. `publish(index:)` makes them
/// durable and renames them, the index last; ``abandon()`` (also on deinit) removes all that was
/// made instead, and before publishing begins a data set that was there before stays as it was.
/// The directory is locked until then, by a file of its own that is gone afterwards.
public final class StagedDataset: Sendable {
    /// The path of the directory.
    public let directory: String

    private enum Phase { case writing, published, abandoned }

    private struct State {
        var phase = Phase.writing
        /// The final names of the files written so far, in order.
        var names: [String] = []
        /// The names among `names` that files have been renamed to.
        var renamed: [String] = []
        /// The directories made for this data set, the outermost first.
        var madeDirectories: [String] = []
    }

    /// The name of the lock's file; one that a killed run left behind means nothing.
    private static let lockName = ".tokenize.lock"

    /// The name of a file that is never published: a text that may not be wanted (``HeldText``).
    static let heldText = ".tokenize.held"

    private let lock: LockFile

    /// The state is locked for as long as files are made or renamed, so that ``abandon()`` on another thread
    /// finds every file either not yet there or in the list.
    private let state = Mutex(State())

    /// Makes the directory, or takes one that is empty but for what a killed run left behind.
    /// - Parameters:
    ///   - directory: Its path; directories above it that are missing are made too.
    ///   - replacing: Whether one that holds files may be taken; of those files only shards and the
    ///     index are replaced.
    /// - Throws: `FileError`, also when another process writes there.
    public init(_ directory: String, replacing: Bool) throws(FileError) {
        let (lock, made) = try Self.lock(directory)
        self.directory = directory
        self.lock = lock
        state.withLock { $0.madeDirectories = made }
        let names = try Files.list(directory)
        guard replacing || names.allSatisfy(Self.isLeftover) else {
            throw FileError(
                directory, "is not empty",
                remedy: "choose another directory, or pass --force to replace its shards")
        }
        for name in names where name.hasSuffix(AtomicFile.suffix) && Self.isLeftover(name) {
            try Files.remove(Paths.join(directory, name))
        }
    }

    /// Makes the directory where it is missing, and locks it.
    /// - Returns: The lock, and the directories that were made, the outermost first.
    private static func lock(
        _ directory: String
    ) throws(FileError) -> (LockFile, made: [String]) {
        while true {
            let missing = try missingDirectories(of: directory)
            try Files.createDirectory(directory)
            do throws(FileError) {
                guard let lock = try LockFile.hold(Paths.join(directory, lockName)) else {
                    throw FileError(
                        directory, "is being written by another process",
                        remedy: "wait until that one ends, or choose another directory")
                }
                return (lock, missing)
            } catch {
                // Another process that made the directory may have removed it again just now.
                if error.isMissing { continue }
                for path in missing.reversed() { try? Files.removeEmptyDirectory(path) }
                throw error
            }
        }
    }

    deinit { abandon() }

    /// `path` and those above it that do not exist, the outermost first.
    private static func missingDirectories(of path: String) throws(FileError) -> [String] {
        guard try Files.kind(path) == nil else { return [] }
        let parent = Paths.parent(path)
        return (parent == path ? [] : try missingDirectories(of: parent)) + [path]
    }

    /// The path that `name` has until it is published.
    func temporaryPath(_ name: String) -> String {
        Paths.join(directory, name) + AtomicFile.suffix
    }

    /// Begins a file.
    /// - Throws: `FileError`, also once the data set was abandoned.
    func create(_ name: String) throws -> OutputFile {
        try state.withLock { state in
            try Self.checkWriting(state, directory)
            // It replaces a file that an earlier, killed run left behind.
            state.names.append(name)
            return try OutputFile(replacing: temporaryPath(name))
        }
    }

    /// Gives a file that is not published yet another name.
    func rename(_ name: String, to newName: String) throws {
        try state.withLock { state in
            try Self.checkWriting(state, directory)
            try Files.rename(temporaryPath(name), to: temporaryPath(newName))
            state.names.removeAll { $0 == name }
            state.names.append(newName)
        }
    }

    /// Removes a file that is not published yet.
    func remove(_ name: String) throws {
        try state.withLock { state in
            try Self.checkWriting(state, directory)
            try Files.remove(temporaryPath(name))
            state.names.removeAll { $0 == name }
        }
    }

    /// Gives all files their names, removes an earlier data set, and writes the index last.
    func publish(index: ShardIndex) throws {
        let indexFile = try create(ShardIndex.fileName)
        try indexFile.write(index.json)
        try indexFile.sync()
        try state.withLock { state in
            try Self.checkWriting(state, directory)
            let names = Set(state.names)
            // While there is no index, nobody takes a mixture of old and new shards for a data set.
            try Files.remove(Paths.join(directory, ShardIndex.fileName))
            for name in state.names where name != ShardIndex.fileName {
                try Self.finish(name, of: self, &state)
            }
            for name in try Files.list(directory) where Self.isOld(name, keeping: names) {
                try Files.remove(Paths.join(directory, name))
            }
            try Files.syncDirectory(directory)
            try Self.finish(ShardIndex.fileName, of: self, &state)
            try Files.syncDirectory(directory)
            state.phase = .published
            try lock.release()
        }
    }

    /// Removes everything made so far. Does nothing after `publish(index:)`.
    ///
    /// May be called on any thread; the one that writes then fails with a `FileError`.
    /// - Returns: Whether the data set is abandoned, so not published.
    @discardableResult
    public func abandon() -> Bool {
        state.withLock { state in
            guard state.phase == .writing else { return state.phase == .abandoned }
            state.phase = .abandoned
            // What cannot be removed stays; there is nobody left to tell.
            for name in state.names { try? Files.remove(temporaryPath(name)) }
            for name in state.renamed { try? Files.remove(Paths.join(directory, name)) }
            try? lock.release()
            for path in state.madeDirectories.reversed() {
                try? Files.removeEmptyDirectory(path)
            }
            return true
        }
    }

    private static func finish(
        _ name: String, of dataset: StagedDataset, _ state: inout State
    ) throws(FileError) {
        try Files.rename(
            dataset.temporaryPath(name), to: Paths.join(dataset.directory, name))
        state.renamed.append(name)
    }

    /// Whether `name` is a shard of an earlier data set.
    private static func isOld(_ name: String, keeping names: Set<String>) -> Bool {
        Split.isShardName(name) && !names.contains(name)
    }

    /// Whether a data set may replace or remove a file of that name in its directory: a shard, the index, what either
    /// is called until it is complete, or the lock.
    public static func replaces(_ name: String) -> Bool {
        isLeftover(name) || name == ShardIndex.fileName || Split.isShardName(name)
    }

    /// Whether `name` is that of a file that a run removes at its end, so that only a killed one leaves it behind.
    public static func isLeftover(_ name: String) -> Bool {
        guard name.hasSuffix(AtomicFile.suffix) else { return name == lockName }
        let final = String(name.dropLast(AtomicFile.suffix.count))
        return final == ShardIndex.fileName || final == heldText || Split.isShardName(final)
    }

    private static func checkWriting(_ state: State, _ directory: String) throws(FileError) {
        guard state.phase == .writing else {
            throw FileError(directory, "was abandoned", remedy: "run the command again")
        }
    }
}
