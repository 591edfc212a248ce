import CLibrary
import Storage
import TestSupport
import Testing

@testable import TokenShards

@Suite("The output directory")
struct StagedDatasetTests {
    @Test("is refused when it holds files, and they stay")
    func notEmpty() throws {
        let directory = try TemporaryDirectory()
        try directory.write("shards/mine", "x")
        #expect(throws: FileError.self) { try makeShards([sampleText(10)], in: directory) }
        #expect(try Files.list(directory.file("shards")) == ["mine"])
    }

    private static let leftovers = [
        "train-00000.tokens.zst.partial", "validation-00003.tokens.zst.partial",
        "index.json.partial", ".tokenize.lock",
    ]

    @Test("is taken where it holds only what a killed run left, which then goes")
    func leftovers() throws {
        let directory = try TemporaryDirectory()
        let input = try directory.write("texts/a", sampleText(100))
        for name in Self.leftovers {
            try Files.createDirectory(directory.file("shards"))
            try directory.overwrite("shards/\(name)", Array("half".utf8))
            try tokenize(CorpusPlan(inputs: [input]), to: directory.file("shards"))
            #expect(
                try Files.list(directory.file("shards")) == [
                    "index.json", "train-00000.tokens.zst",
                ])
            try Files.removeTree(directory.file("shards"))
        }
    }

    @Test(
        "is not taken for other files with like names",
        arguments: [
            "notes.partial", "train-00000.tokens.zst", "index.json", ".lock",
            "a.tokens.zst.partial",
        ])
    func otherNames(name: String) throws {
        let directory = try TemporaryDirectory()
        try directory.write("shards/\(name)", "mine")
        try directory.write("shards/index.json.partial", "half")
        #expect(throws: FileError.self) { try makeShards([sampleText(10)], in: directory) }
        #expect(
            try Files.list(directory.file("shards")).sorted()
                == [name, "index.json.partial"].sorted())
    }

    /// Whoever may read the directory could lock the directory itself, but not a file of its owner's.
    @Test("is written while somebody else has locked the directory itself")
    func foreignLock() throws {
        let directory = try TemporaryDirectory()
        try Files.createDirectory(directory.file("shards"))
        let descriptor = open(directory.file("shards"), O_RDONLY | O_DIRECTORY)
        defer { close(descriptor) }
        try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        try makeShards([sampleText(10)], in: directory)
    }

    @Test("is refused where a file has its name")
    func isFile() throws {
        let directory = try TemporaryDirectory()
        try directory.write("shards", "x")
        for replacing in [false, true] {
            #expect(throws: FileError.self) {
                try makeShards([sampleText(10)], in: directory, replacing: replacing)
            }
        }
        #expect(try readFile(directory.file("shards")) == Array("x".utf8))
    }

    @Test("keeps all but shards and index when they are replaced")
    func replacing() throws {
        let directory = try TemporaryDirectory()
        let path = try makeShards([sampleText(3000)], in: directory)
        try directory.write("shards/notes.txt", "x")
        try directory.write("shards/mine.tokens.zst", "x")
        try directory.write("shards/train-00009.tokens.zst.partial", "left by a killed run")
        try makeShards([sampleText(1500)], in: directory, replacing: true)
        #expect(
            try Files.list(path) == [
                "index.json", "mine.tokens.zst", "notes.txt", "train-00000.tokens.zst",
                "train-00001.tokens.zst",
            ])
        #expect(try readAll(path) == document(sampleText(1500)))
    }

    @Test("keeps the old data set when its replacement fails")
    func failedReplacement() throws {
        let directory = try TemporaryDirectory()
        let path = try makeShards([sampleText(3000)], in: directory)
        let names = try Files.list(path)
        let input = try directory.write("good.txt", sampleText(5000))
        let bad = try directory.write("bad.gz", [0x1F, 0x8B, 8, 0])
        #expect(throws: FileError.self) {
            try tokenize(CorpusPlan(inputs: [input, bad]), to: path, replacing: true)
        }
        #expect(try Files.list(path) == names)
        #expect(try readAll(path) == document(sampleText(3000)))
        try ShardSet(directory: path).verify()
    }

    @Test("is written by one at a time")
    func locked() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("made/shards")
        do {
            let first = try StagedDataset(path, replacing: false)
            for replacing in [false, true] {
                let error = try #require(throws: FileError.self) {
                    try StagedDataset(path, replacing: replacing)
                }
                #expect(error.finding == "is being written by another process")
            }
            #expect(first.abandon())
        }
        #expect(try Files.list(directory.path) == [])
        try makeShards([sampleText(10)], in: directory)
    }

    @Test("disappears with the directories above it that were made for it")
    func failedRun() throws {
        let directory = try TemporaryDirectory()
        let bad = try directory.write("bad.gz", [0x1F, 0x8B, 8, 0])
        #expect(throws: FileError.self) {
            try tokenize(CorpusPlan(inputs: [bad]), to: directory.file("a/b/c"))
        }
        #expect(try Files.list(directory.path) == ["bad.gz"])
        try Files.createDirectory(directory.file("made"))
        #expect(throws: FileError.self) {
            try tokenize(CorpusPlan(inputs: [bad]), to: directory.file("made"))
        }
        #expect(try Files.list(directory.file("made")) == [])
    }

    @Test("holds nothing new once abandoned from outside, and the run fails")
    func abandoned() throws {
        let directory = try TemporaryDirectory()
        let input = try directory.write("text", sampleText(400_000))
        let path = directory.file("shards")
        let dataset = try StagedDataset(path, replacing: false)
        let layout = try ShardLayout(shardTokens: 1000, frameTokens: 100, level: 1)
        var tokenizer = CorpusTokenizer(
            CorpusPlan(inputs: [input], layout: layout), into: dataset
        ) { _ in #expect(dataset.abandon()) }
        #expect(throws: FileError.self) { try tokenizer.run() }
        #expect(try Files.kind(path) == nil)
    }

    @Test("cannot be abandoned once it is published")
    func published() throws {
        let directory = try TemporaryDirectory()
        let input = try directory.write("text", sampleText(400))
        let dataset = try StagedDataset(directory.file("shards"), replacing: false)
        var tokenizer = CorpusTokenizer(CorpusPlan(inputs: [input]), into: dataset)
        _ = try tokenizer.run()
        #expect(!dataset.abandon())
        try ShardSet(directory: directory.file("shards")).verify()
    }

    @Test(
        "is not made for a layout that is out of range",
        arguments: [
            (0, 1, 1), (1, 0, 1), (1, 1, 0), (-1, 1, 1), (1, 1, 23), (1, (1 << 24) + 1, 1),
            (1 << 45, 1 << 24, 1), (1 << 21, 1, 1), (Int.max, Int.max, Int.max), (Int.min, 1, 1),
        ])
    func layout(shardTokens: Int, frameTokens: Int, level: Int) {
        #expect(throws: LayoutError.self) {
            try ShardLayout(shardTokens: shardTokens, frameTokens: frameTokens, level: level)
        }
    }
}
