import Storage
import TestSupport
import Testing
import TokenShards

@testable import StoryGrammar

/// Shards of stories, as a user of the package makes them.
@Suite struct StorybookShardsTests {
    private let directory: TemporaryDirectory
    private let shards: String

    init() throws {
        directory = try TemporaryDirectory()
        shards = directory.file("data/stories")
    }

    private func make(bytes: Int, grammar: String = StorybookTests.path) throws -> [String] {
        var told: [String] = []
        try StorybookShards.makeIfMissing(shards, bytes: bytes, grammar: grammar) {
            told.append($0)
        }
        return told
    }

    @Test func holdTheStoriesOfTwoSeeds() throws {
        #expect(try make(bytes: 300_000) == ["\(shards): writing 300000 bytes of stories"])
        #expect(try Files.list(directory.file("data")) == ["stories"])
        let index = try ShardSet(directory: shards).index
        let stories = try [(Split.train, UInt64(1), 300_000), (.validation, 2, 6000)].map {
            (split: $0, bytes: try StorybookTests.write(seed: $1, bytes: $2).text.count)
        }
        // Each document begins with a token of its own, in the place of the NUL bytes between them.
        for (split, bytes) in stories { #expect(index[split].tokens == bytes + 1) }
    }

    @Test func areLeftAloneWhereTheyAreThere() throws {
        _ = try make(bytes: 300_000)
        let index = try Files.read(shards + "/index.json", atMost: 1 << 20)
        #expect(try make(bytes: 400_000, grammar: "no such grammar").isEmpty)
        #expect(try Files.read(shards + "/index.json", atMost: 1 << 20) == index)
    }

    @Test(arguments: [.min, -1, 0, 10, 3000])
    func needRoomForAStoryInEachSplit(_ bytes: Int) throws {
        let error = #expect(throws: FileError.self) { try make(bytes: bytes) }
        #expect(error?.finding == "\(bytes) bytes leave no room for a story in each split")
        #expect(try Files.list(directory.file("data")).isEmpty)
    }
}
