import Storage
import TestSupport
import Testing

@testable import TokenShards

/// The directories under Fixtures/shards, which make-golden.py there made without this code.
@Suite("Golden shards")
struct GoldenTests {
    private func fixture(_ name: String) -> String { PackageFiles.fixture("shards/\(name)") }

    /// The tokens that a fixture's text stands for.
    private func tokens(_ path: String) throws -> [UInt8] {
        try readFile(path).split(separator: 0).flatMap { [0] + $0 }
    }

    @Test("are read", arguments: ["stored", "compressed"])
    func read(name: String) throws {
        let path = fixture(name)
        try ShardSet(directory: path).verify()
        #expect(try readAll(path) == tokens(path + "/text.txt"))
        #expect(try readAll(path, .validation) == tokens(path + "/other.txt"))
    }

    @Test("are written, byte for byte")
    func write() throws {
        let directory = try TemporaryDirectory()
        let path = fixture("stored")
        let plan = CorpusPlan(
            inputs: [path + "/text.txt"], validation: .inputs([path + "/other.txt"]),
            layout: try ShardLayout(shardTokens: 30, frameTokens: 8, level: 3))
        let made = try tokenize(plan, to: directory.file("shards"))
        for name in try Files.list(made) {
            #expect(
                try readFile(Paths.join(made, name)) == readFile(Paths.join(path, name)),
                "\(name)")
        }
        #expect(try Files.list(made).count == 4)
    }
}
