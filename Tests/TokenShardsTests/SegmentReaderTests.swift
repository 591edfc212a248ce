import Storage
import TestSupport
import Testing

@testable import TokenShards

@Suite("Segments")
struct SegmentReaderTests {
    /// The segment at `position` by plain slicing of the whole split.
    private func naiveSegment(_ tokens: [UInt8], streams: Int, length: Int, at position: Int)
        -> [UInt8]
    {
        let streamLength = tokens.count / streams
        return (0..<streams).flatMap { stream in
            tokens[(stream * streamLength + position)...].prefix(length + 1)
        }
    }

    @Test(
        "equal plain slicing for odd sizes, through several wrap-arounds",
        arguments: [
            (size: 1, streams: 1, length: 1), (997, 1, 7), (997, 3, 10), (997, 13, 1),
            (2500, 7, 33), (2500, 1, 2500), (2500, 250, 9), (1999, 1000, 1), (999, 5, 50),
        ])
    func matchesSlicing(size: Int, streams: Int, length: Int) throws {
        let directory = try TemporaryDirectory()
        let text = sampleText(size)
        let path = try makeShards([text], in: directory, shardTokens: 700, frameTokens: 64)
        let tokens = document(text)
        for budget in [0, 1 << 12, 1 << 20] {
            let reader = try SegmentReader(
                shards: ShardSet(directory: path), split: .train, streams: streams,
                segmentTokens: length, memoryBudget: budget)
            #expect(reader.streamLength == tokens.count / streams)
            var position = 0
            for _ in 0..<(3 * tokens.count / streams / length + 3) {
                if position + length + 1 > reader.streamLength { position = 0 }
                let segment = try reader.next()
                #expect(segment.position == position)
                #expect(segment.startsOver == (position == 0))
                #expect(segment.streams == streams && segment.length == length)
                #expect(
                    segment.tokens
                        == naiveSegment(tokens, streams: streams, length: length, at: position))
                position += length
                #expect(reader.position == position)
            }
        }
    }

    @Test("continue where another reader stopped")
    func resume() throws {
        let directory = try TemporaryDirectory()
        let path = try makeShards([sampleText(3001)], in: directory)
        let shards = try ShardSet(directory: path)
        let reader = try SegmentReader(
            shards: shards, split: .train, streams: 6, segmentTokens: 47, memoryBudget: 2000)
        for _ in 0..<25 {
            let resumed = try SegmentReader(
                shards: shards, split: .train, streams: 6, segmentTokens: 47,
                position: reader.position)
            #expect(try resumed.next() == reader.next())
        }
    }

    @Test("of thousands of streams share frames")
    func manyStreams() throws {
        let directory = try TemporaryDirectory()
        let text = sampleText(60_000)
        let path = try makeShards([text], in: directory, shardTokens: 50_000, frameTokens: 4096)
        let reader = try SegmentReader(
            shards: ShardSet(directory: path), split: .train, streams: 5000, segmentTokens: 5)
        for position in [0, 5, 0, 5] {
            let expected = naiveSegment(document(text), streams: 5000, length: 5, at: position)
            #expect(try reader.next().tokens == expected)
        }
    }

    @Test(
        "refuse a split that is too short, and say what to do",
        arguments: [(5, 20), (101, 1), (1, 100)])
    func tooShort(streams: Int, length: Int) throws {
        let directory = try TemporaryDirectory()
        let path = try makeShards([sampleText(99)], in: directory)
        let error = try #require(throws: ShardError.self) {
            try SegmentReader(
                shards: ShardSet(directory: path), split: .train, streams: streams,
                segmentTokens: length)
        }
        #expect(error.location == path)
        let noun = streams == 1 ? "stream" : "streams"
        #expect(error.finding.contains("100 tokens is too short for \(streams) \(noun) in"))
        #expect(error.finding.contains("need \(streams * (length + 1))"))
    }

    @Test(
        "refuse senseless arguments",
        arguments: [
            (0, 1, 0), (-1, 1, 0), (1, 0, 0), (1, -1, 0), (1, 1, -1), (1, 1, 101),
            (Int.max, 1, 0), (1, Int.max, 0), (Int.max, Int.max, 0), (1, 1, Int.max),
        ])
    func senseless(streams: Int, length: Int, position: Int) throws {
        let directory = try TemporaryDirectory()
        let path = try makeShards([sampleText(99)], in: directory)
        #expect(throws: ShardError.self) {
            try SegmentReader(
                shards: ShardSet(directory: path), split: .train, streams: streams,
                segmentTokens: length, position: position)
        }
    }

    @Test("report damage from next(), again and again, after the segments of sound shards")
    func damage() throws {
        let directory = try TemporaryDirectory()
        let path = try makeShards([sampleText(999)], in: directory, shardTokens: 500)
        let shard = Paths.join(path, "train-00001.tokens.zst")
        let shards = try ShardSet(directory: path)
        var bytes = try readFile(shard)
        bytes[bytes.count / 2] ^= 0x10
        try AtomicFile.write(bytes, to: shard)
        let reader = try SegmentReader(
            shards: shards, split: .train, streams: 1, segmentTokens: 10, memoryBudget: 0)
        #expect(try reader.next().startsOver)
        var failures = 0
        for _ in 0..<200 {
            do { _ = try reader.next() } catch let error as ShardError {
                failures += 1
                #expect(error.path == shard)
                #expect(error.frame != nil)
            }
        }
        #expect(failures > 100)
    }

    @Test("stop when the reader goes away, however far it is ahead")
    func stops() throws {
        let directory = try TemporaryDirectory()
        let path = try makeShards([sampleText(5000)], in: directory)
        let shards = try ShardSet(directory: path)
        for taken in 0..<40 {
            let reader = try SegmentReader(
                shards: shards, split: .train, streams: 3, segmentTokens: 20)
            for _ in 0..<(taken % 4) { _ = try reader.next() }
        }
    }
}
