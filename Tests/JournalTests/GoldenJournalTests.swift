import EvolutionStrategy
import Storage
import TestSupport
import Testing

@testable import Journal

/// The journals under Fixtures/journal, which make-golden.py there made without this code.
@Suite struct GoldenJournalTests {
    struct Golden: Sendable, CustomTestStringConvertible {
        let name: String
        let content: VoteOrigin
        var firstStep = 0
        let outcomes: [JournalRecord.Outcome]
        var testDescription: String { name }

        static func fitness(_ name: String, _ form: FitnessForm, _ values: [[Int8]]) -> Golden {
            Golden(
                name: name, content: .fitness(form, directions: values[0].count),
                outcomes: values.map { .fitness(Fitness(form, values: $0)) })
        }
    }

    static let all: [Golden] = [
        .fitness(
            "sign", .sign,
            [
                [1, -1, 0, 0, 1, -1, -1], [Int8](repeating: 0, count: 7),
                [Int8](repeating: -1, count: 7),
            ]),
        .fitness("magnitude4", .magnitude4, [[7, -7, 0], [1, -1, 2], [0, 0, -7]]),
        .fitness("magnitude8", .magnitude8, [[127, -127, 0], [1, -1, 2], [0, 0, -127]]),
        Golden(
            name: "votes", content: .evaluation, firstStep: 100,
            outcomes: [.votesDigest(5), .votesDigest(6), .votesDigest(7)]),
    ]

    static func path(_ name: String) -> String {
        PackageFiles.fixture("journal/\(name).egg")
    }

    private func header(_ golden: Golden) -> JournalHeader {
        JournalHeader(
            content: golden.content, firstStep: golden.firstStep, seed: 7, configIdentity: 0x1111,
            dataIdentity: 0x2222, initialWeights: 0x3333)
    }

    private func records(_ golden: Golden) -> [JournalRecord] {
        golden.outcomes.enumerated().map { index, outcome in
            JournalRecord(
                step: golden.firstStep + index + 1, outcome: outcome,
                weightsDigest: index == 1 ? 0x4444 : nil)
        }
    }

    @Test(arguments: all) func isRead(_ golden: Golden) throws {
        var reader = try JournalReader(Self.path(golden.name))
        #expect(reader.header == header(golden))
        var found: [JournalRecord] = []
        while let record = try reader.next() { found.append(record) }
        #expect(found == records(golden))
        #expect(
            reader.position.bytes == (try Files.read(Self.path(golden.name), atMost: 999)).count)
    }

    @Test(arguments: all) func isWrittenByteForByte(_ golden: Golden) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("journal.egg")
        let writer = try JournalWriter(path, header: header(golden))
        for record in records(golden) { try writer.append(record) }
        let golden = try Files.read(Self.path(golden.name), atMost: 999)
        #expect(try Files.read(path, atMost: 999) == golden)
    }

    /// Behind every record the writer can go on, and what follows is cut off.
    @Test(arguments: all) func isContinued(_ golden: Golden) throws {
        let directory = try TemporaryDirectory()
        let bytes = try Files.read(Self.path(golden.name), atMost: 999)
        var reader = try JournalReader(Self.path(golden.name))
        for kept in 0...golden.outcomes.count {
            let path = try directory.write("journal.egg", bytes + Array("torn".utf8))
            let writer = try JournalWriter(path, continuingAt: reader.position)
            for record in records(golden)[kept...] { try writer.append(record) }
            #expect(try Files.read(path, atMost: 999) == bytes)
            _ = try reader.next()
        }
    }
}
