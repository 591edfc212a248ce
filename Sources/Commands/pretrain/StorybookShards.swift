import CLibrary
import CommandSupport
import Pretraining
import Storage
import StoryGrammar
import TokenShards

/// Makes the corpus of a config that asks for the storybook, where its shards are not there yet or were
/// not completed.
///
/// The text is that of `storybook --seed 1` for training and `--seed 2`, a fiftieth as long, for
/// validation. The texts lie in a directory of their own beside the shards while these are made.
enum StorybookShards {
    private static let grammarPath = "Data/storybook.grammar"
    private static let validationShare = 50
    private static let textsSuffix = ".stories"
    private static let waitMicroseconds: UInt32 = 100_000
    private static let lockSuffix = ".lock"
    private static let trainingName = "storybook-train.txt"
    private static let validationName = "storybook-valid.txt"

    /// - Parameter tell: shows a line.
    /// - Throws: `UserError`s, for example when the grammar is not below the current directory.
    static func makeIfMissing(_ config: RunConfig, tell: (String) -> Void) throws {
        let shards = Paths.withoutTrailingSlashes(config.shards)
        guard config.storybookBytes > 0, try mayHoldShards(shards) else { return }
        let grammar = try Grammar.load(grammarPath)
        let texts = shards + textsSuffix
        guard let lock = try lock(texts, toMake: shards, tell: tell) else { return }
        tell("\(shards): writing \(config.storybookBytes) bytes of stories")
        defer { withExtendedLifetime(lock) {} }
        do {
            try make(shards, grammar, bytes: config.storybookBytes, texts: texts)
        } catch {
            try? Files.removeTree(texts)
            throw error
        }
        try Files.removeTree(texts)
    }

    /// Makes the directory for the texts and keeps others from it, waiting while another `pretrain` makes the same
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
            if !hasTold { tell("\(shards): waiting for another pretrain that writes them") }
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
                    path, "holds files that are no stories of pretrain",
                    remedy: "move it away, or choose another data.shards")
            }
        }
        try Files.createDirectory(path)
    }

    private static func make(
        _ shards: String, _ grammar: Grammar, bytes: Int, texts: String
    ) throws {
        let train = Paths.join(texts, trainingName)
        let validation = Paths.join(texts, validationName)
        try write(grammar, seed: 1, bytes: bytes, to: train)
        try write(grammar, seed: 2, bytes: bytes / validationShare, to: validation)
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

    private static func write(
        _ grammar: Grammar, seed: UInt64, bytes: Int, to path: String
    ) throws {
        var book = Storybook(
            grammar: grammar, seed: seed, maximumBytes: bytes, maximumStories: .max)
        let file = try AtomicFile(path)
        while let chunk = try book.nextChunk() { try file.write(chunk) }
        try file.commit()
    }
}
