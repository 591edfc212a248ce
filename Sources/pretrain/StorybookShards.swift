import CommandSupport
import Pretraining
import Storage
import StoryGrammar
import TokenShards

/// Makes the corpus of a config that asks for the storybook, where its shards are not there yet or were
/// not completed.
///
/// The text is that of `storybook --seed 1` for training and `--seed 2`, a fiftieth as long, for
/// validation; the texts stay beside the shards.
enum StorybookShards {
    private static let grammarPath = "Data/storybook.grammar"
    private static let validationShare = 50

    /// - Throws: `UserError`s, for example when the grammar is not below the current directory.
    static func makeIfMissing(_ config: RunConfig) throws {
        let index = Paths.join(config.shards, ShardIndex.fileName)
        guard config.storybookBytes > 0, Files.kind(index) == nil else { return }
        let grammar = try Grammar.load(grammarPath)
        writeToStandardError(
            "\(config.shards): writing \(config.storybookBytes) bytes of stories\n")
        try Files.createDirectory(Paths.parent(config.shards))
        let train = config.shards + "-train.txt"
        let validation = config.shards + "-valid.txt"
        try write(grammar, seed: 1, bytes: config.storybookBytes, to: train)
        try write(grammar, seed: 2, bytes: config.storybookBytes / validationShare, to: validation)
        let dataset = try StagedDataset(config.shards, replacing: true)
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
