import CLibrary
import Storage
import TokenShards

/// Token shards of stories: a corpus that needs no download.
///
/// The training split holds the stories of seed 1, the validation split those of seed 2, a fiftieth as many bytes. The same
/// grammar and number of bytes give the same shards on every machine. The texts lie in a directory of their own beside
/// the shards (its name is theirs with `.stories`) while these are made, and are removed at the end.
public enum StorybookShards {
    /// The training split is this many times as long as the validation split.
    private static let validationShare = 50
    /// A fiftieth of this holds some stories of the grammar that comes with the toolkit.
    private static let ampleBytes = 250_000
    private static let textsSuffix = ".stories"
    private static let waitMicroseconds: UInt32 = 100_000
    private static let lockSuffix = ".lock"
    private static let trainingName = "storybook-train.txt"
    private static let validationName = "storybook-valid.txt"

    /// Makes the shards where they are not there yet, or where a process that was killed did not complete them.
    ///
    /// A directory that holds shards already, or anything else, is left as it is. Several processes may ask for the same
    /// shards at once: one makes them, and the others wait for it.
    /// - Parameters:
    ///   - shards: The directory of the shards. Directories above it are made where they are missing.
    ///   - bytes: The greatest size of the training text, in bytes; it ends with the last story that fits. A fiftieth
    ///     must hold a story too, so ask for 250,000 or more.
    ///   - grammar: The path of the grammar file. It is read only where shards are made.
    ///   - tell: Is given a line for a reader before the stories are written, and one before it waits.
    /// - Throws: A `UserError` saying what cannot be read or written, for example ``GrammarError`` or `FileError`.
    ///   No half-made shards and no texts are left behind then.
    public static func makeIfMissing(
        _ shards: String, bytes: Int, grammar: String, tell: (String) -> Void = { _ in }
    ) throws {
        let shards = Paths.withoutTrailingSlashes(shards)
        guard try mayHoldShards(shards) else { return }
        let grammar = try Grammar.load(grammar)
        let texts = shards + textsSuffix
        guard let lock = try lock(texts, toMake: shards, tell: tell) else { return }
        tell("\(shards): writing \(bytes) bytes of stories")
        defer { withExtendedLifetime(lock) {} }
        do {
            try make(shards, grammar, bytes: bytes, texts: texts)
        } catch {
            try? Files.removeTree(texts)
            throw error
        }
        try Files.removeTree(texts)
    }

    /// Makes the directory for the texts and keeps others from it, waiting while another process makes the same
    /// shards; nil where that one has made them.
    private static func lock(
        _ texts: String, toMake shards: String, tell: (String) -> Void
    ) throws(FileError) -> LockFile? {
        var hasTold = false
        while try mayHoldShards(shards) {
            try Files.createDirectory(Paths.parent(texts))
            // Beside the texts, so that it is held until nothing of them is left.
            if let lock = try LockFile.hold(texts + lockSuffix) {
                try makeTextDirectory(texts)
                if try mayHoldShards(shards) { return lock }
                try Files.removeTree(texts)
                return nil
            }
            if !hasTold { tell("\(shards): waiting for another process that writes them") }
            hasTold = true
            usleep(waitMicroseconds)
        }
        return nil
    }

    /// Whether there is no such directory, or one with nothing but what a killed run left of shards.
    private static func mayHoldShards(_ shards: String) throws(FileError) -> Bool {
        guard let kind = try Files.kind(shards) else { return true }
        guard kind == .directory else { return false }
        return try Files.list(shards).allSatisfy { name in
            StagedDataset.isLeftover(name) || Split.isShardName(name)
        }
    }

    /// Makes the directory for the texts, or takes the one that a killed run left.
    private static func makeTextDirectory(_ path: String) throws(FileError) {
        if try Files.kind(path) == .directory {
            let own = [trainingName, validationName].flatMap { [$0, $0 + AtomicFile.suffix] }
            guard try Files.list(path).allSatisfy(own.contains) else {
                throw FileError(
                    path, "holds files that are not the stories of these shards",
                    remedy: "move it away, or choose another directory for the shards")
            }
        }
        try Files.createDirectory(path)
    }

    private static func make(
        _ shards: String, _ grammar: Grammar, bytes: Int, texts: String
    ) throws {
        let train = Paths.join(texts, trainingName)
        let validation = Paths.join(texts, validationName)
        let stories = [
            try write(grammar, seed: 1, bytes: bytes, to: train),
            try write(grammar, seed: 2, bytes: bytes / validationShare, to: validation),
        ]
        guard !stories.contains(0) else {
            throw FileError(
                shards, "\(bytes) bytes leave no room for a story in each split",
                remedy: "ask for \(ampleBytes) or more")
        }
        let dataset = try StagedDataset(shards, replacing: true)
        var tokenizer = CorpusTokenizer(
            CorpusPlan(inputs: [train], validation: .inputs([validation])), into: dataset)
        do {
            _ = try tokenizer.run()
        } catch {
            dataset.abandon()
            throw error
        }
    }

    /// Writes the stories of a seed to a file.
    /// - Returns: the number of stories.
    private static func write(
        _ grammar: Grammar, seed: UInt64, bytes: Int, to path: String
    ) throws -> Int {
        var book = Storybook(
            grammar: grammar, seed: seed, maximumBytes: bytes, maximumStories: .max)
        let file = try AtomicFile(path)
        while let chunk = try book.nextChunk() { try file.write(chunk) }
        try file.commit()
        return book.statistics.stories
    }
}
