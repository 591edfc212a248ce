import Storage
import TestSupport
import Testing

@testable import TokenShards

@Suite("Shards")
struct RoundTripTests {
    @Test(
        "give back the tokens, cut as asked",
        arguments: [1, 99, 100, 101, 999, 1000, 1001, 2500],
        [(1000, 100), (1000, 64), (100, 100), (7, 3), (50, 1000)])
    func roundTrip(size: Int, layout: (shard: Int, frame: Int)) throws {
        let directory = try TemporaryDirectory()
        let text = sampleText(size)
        let path = try makeShards(
            [text], in: directory, shardTokens: layout.shard, frameTokens: layout.frame)
        #expect(try readAll(path) == document(text))
        let shards = try ShardSet(directory: path)
        try shards.verify()
        #expect(shards.tokenCount(.train) == size + 1)
        #expect(shards.tokenCount(.validation) == 0)
        #expect(shards.index.train.documents == 1)
        #expect(shards.index.train.shards.count == size / layout.shard + 1)
        #expect(shards.index.train.shards.dropLast().allSatisfy { $0.tokens == layout.shard })
    }

    @Test("are read at any place")
    func randomAccess() throws {
        let directory = try TemporaryDirectory()
        let text = sampleText(1200)
        let shards = try ShardSet(
            directory: makeShards([text], in: directory, shardTokens: 350, frameTokens: 40))
        let tokens = document(text)
        for start in stride(from: 0, through: tokens.count, by: 37) {
            for count in [0, 1, 39, 41, 400] where start + count <= tokens.count {
                var found = [UInt8](repeating: 0xFF, count: count)
                try found.withUnsafeMutableBytes {
                    try shards.read(.train, at: start, count: count, into: $0)
                }
                #expect(found == Array(tokens[start..<start + count]))
            }
        }
    }

    @Test(
        "refuse places that are not there",
        arguments: [(-1, 1), (0, 101), (100, 1), (101, 0), (0, -1), (Int.max, 1), (1, Int.max)])
    func outOfRange(position: Int, count: Int) throws {
        let directory = try TemporaryDirectory()
        let shards = try ShardSet(directory: makeShards([sampleText(99)], in: directory))
        var buffer = [UInt8](repeating: 0, count: 200)
        #expect(throws: ShardError.self) {
            try buffer.withUnsafeMutableBytes {
                try shards.read(.train, at: position, count: count, into: $0)
            }
        }
    }

    @Test("are the same bytes each time")
    func deterministic() throws {
        let directory = try TemporaryDirectory()
        let texts = [sampleText(700), sampleText(900)]
        let first = try makeShards(texts, in: directory, name: "first")
        let second = try makeShards(texts, in: directory, name: "second")
        let names = try Files.list(first)
        #expect(names == ["index.json", "train-00000.tokens.zst", "train-00001.tokens.zst"])
        #expect(try Files.list(second) == names)
        for name in names {
            #expect(
                try readFile(Paths.join(first, name)) == readFile(Paths.join(second, name)))
        }
    }

    /// Frames are shorter than, as long as, and longer than shards, and more or fewer than the threads.
    @Test(
        "are the same bytes on any number of threads", arguments: [2, 3, 50],
        [(1000, 100), (100, 100), (7, 3), (50, 1000)])
    func threads(threads: Int, layout: (shard: Int, frame: Int)) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("text", sampleText(2345))
        let fraction = try #require(ValidationFraction("0.3"))
        var plan = CorpusPlan(
            inputs: [path], validation: .fraction(fraction),
            layout: try ShardLayout(shardTokens: layout.shard, frameTokens: layout.frame, level: 3))
        let one = try tokenize(plan, to: directory.file("one"))
        plan.threads = threads
        let several = try tokenize(plan, to: directory.file("several"))
        #expect(try Files.list(several) == Files.list(one))
        for name in try Files.list(one) {
            #expect(try readFile(Paths.join(several, name)) == readFile(Paths.join(one, name)))
        }
        // Of the validation split only the document's beginning is new.
        let (train, validation) = (try readAll(several), try readAll(several, .validation))
        #expect(train + validation.dropFirst() == document(sampleText(2345)))
    }

    @Test("hold what the index says of them")
    func index() throws {
        let directory = try TemporaryDirectory()
        let path = try makeShards([sampleText(1500)], in: directory)
        for shard in try ShardSet(directory: path).index.train.shards {
            let bytes = try readFile(Paths.join(path, shard.name))
            #expect(shard.bytes == bytes.count)
            #expect(shard.hash == XXH64.hash(bytes))
            #expect(shard.frameTokens == 100)
        }
    }

    @Test("have the checksum of each frame in the seek table: the low half of XXH64")
    func checksums() throws {
        let directory = try TemporaryDirectory()
        let text = sampleText(249)
        let path = try makeShards([text], in: directory) + "/train-00000.tokens.zst"
        let file = try InputFile(path)
        let table = try SeekTable(of: file, size: try #require(file.size), frames: 3)
        let tokens = document(text)
        let expected = [tokens[..<100], tokens[100..<200], tokens[200...]].map {
            UInt32(truncatingIfNeeded: XXH64.hash(Array($0)))
        }
        #expect(table.frames.map(\.checksum) == expected)
        #expect(table.frames.map(\.tokens) == [100, 100, 50])
    }

    @Test("are files that the zstd program tests and decodes")
    func zstdProgram() throws {
        let directory = try TemporaryDirectory()
        let text = sampleText(950)
        let shard = try makeShards([text], in: directory) + "/train-00000.tokens.zst"
        guard let status = runProgram(["zstd", "-q", "-t", shard]) else { return }
        #expect(status == 0)
        let output = directory.file("decoded")
        #expect(runProgram(["zstd", "-q", "-d", shard, "-o", output]) == 0)
        #expect(try readFile(output) == document(text))
    }
}
