import CommandSupport
import Pretraining
import Storage
import StoryGrammar
import TokenShards

/// Makes the corpus of a config that asks for the storybook, where its shards are not there yet.
///
/// The text is that of `storybook --seed 1` for training and `--seed 2`, a fiftieth as long, for
/// validation; the texts stay beside the shards.
enum StorybookShards {
    private static let grammar = "Data/storybook.grammar"
    private static let validationShare = 50

    /// - Throws: `UserError`s, for example when the grammar is not below the current directory.
    static func makeIfMissing(_ config: RunConfig) throws {
        guard config.storybookBytes > 0, Files.kind(config.shards) == nil else { return }
        writeToStandardError(
            "\(config.shards): writing \(config.storybookBytes) bytes of stories\n")
        try Files.createDirectory(Paths.parent(config.shards))
        let train = config.shards + "-train.txt"
        let validation = config.shards + "-valid.txt"
        try write(seed: 1, bytes: config.storybookBytes, to: train)
        try write(seed: 2, bytes: config.storybookBytes / validationShare, to: validation)
        let dataset = try StagedDataset(config.shards, replacing: false)
        var tokenizer = CorpusTokenizer(
            CorpusPlan(inputs: [train], validation: .inputs([validation])), into: dataset)
        do {
            _ = try tokenizer.run()
        } catch {
            dataset.abandon()
            throw error
        }
    }

    private static func write(seed: UInt64, bytes: Int, to path: String) throws {
        var book = Storybook(
            grammar: try Grammar.load(grammar), seed: seed, maximumBytes: bytes,
            maximumStories: .max)
        let file = try AtomicFile(path)
        while let chunk = try book.nextChunk() { try file.write(chunk) }
        try file.commit()
    }
}
