import Storage
import TestSupport
import Testing

@testable import TokenShards

@Suite("Damaged shards")
struct DamageTests {
    private static let shardName = "train-00000.tokens.zst"

    /// Replaces a file without waiting for the disk, since these tests do it thousands of times.
    private func overwrite(_ path: String, _ bytes: some Collection<UInt8>) throws {
        try Files.remove(path)
        try OutputFile(appendingTo: path).write(Array(bytes))
    }

    @Test("are found for every flipped bit")
    func everyBit() throws {
        let directory = try TemporaryDirectory()
        let path = try makeShards([sampleText(330)], in: directory)
        let shard = "shards/" + Self.shardName
        let sound = try readFile(directory.file(shard))
        for bit in 0..<sound.count * 8 {
            var bytes = sound
            bytes[bit / 8] ^= 1 << (bit % 8)
            try directory.overwrite(shard, bytes)
            let error = #expect(throws: ShardError.self, "bit \(bit)") { try readAll(path) }
            #expect(error?.path == directory.file(shard))
        }
        try directory.overwrite(shard, sound)
        try ShardSet(directory: path).verify()
    }

    @Test("are found for every length that is too short, and for one too long")
    func everyLength() throws {
        let directory = try TemporaryDirectory()
        let path = try makeShards([sampleText(330)], in: directory)
        let shard = Paths.join(path, Self.shardName)
        let sound = try readFile(shard)
        for bytes in sound.indices.map({ sound[..<$0] }) + [(sound + [0])[...]] {
            try overwrite(shard, bytes)
            let error = #expect(throws: ShardError.self) { try ShardSet(directory: path) }
            #expect(error?.path == shard)
        }
        try Files.remove(shard)
        #expect(throws: FileError.self) { try ShardSet(directory: path) }
    }

    @Test("are found when the file shrinks after it was opened")
    func shrinks() throws {
        let directory = try TemporaryDirectory()
        let path = try makeShards([sampleText(330)], in: directory)
        let shard = Paths.join(path, Self.shardName)
        let shards = try ShardSet(directory: path)
        let sound = try readFile(shard)
        try overwrite(shard, sound[..<(sound.count / 3)])
        var buffer = [UInt8](repeating: 0, count: 331)
        let error = #expect(throws: ShardError.self) {
            try buffer.withUnsafeMutableBytes {
                try shards.read(.train, at: 0, count: 331, into: $0)
            }
        }
        #expect(error?.frame != nil)
    }

    @Test("in the seek table are found on opening", arguments: 0..<12)
    func seekTable(field: Int) throws {
        let directory = try TemporaryDirectory()
        let path = try makeShards([sampleText(330)], in: directory)
        let shard = Paths.join(path, Self.shardName)
        var bytes = try readFile(shard)
        // Sizes of the first frame, moved to the second: the sums stay the same.
        let table = bytes.count - SeekTable.byteCount(frames: 4) + 8
        let isChecksum = field % 12 >= 8
        bytes[table + field] &+= 1
        bytes[table + 12 + field] &-= 1
        try overwrite(shard, bytes)
        if !isChecksum && field >= 4 {
            #expect(throws: ShardError.self) { try ShardSet(directory: path) }
        }
        let error = #expect(throws: ShardError.self) { try readAll(path) }
        #expect(error?.path == shard)
    }
}
