import EvolutionStrategy
import Storage
import TestSupport
import Testing

@testable import Journal

/// Damaged and hostile journals: each gives a typed error, none a trap or a wrong record.
@Suite struct JournalDamageTests {
    /// Reads all records, as far as it comes.
    private func readAll(_ path: String) throws -> [JournalRecord] {
        var reader = try JournalReader(path)
        var records: [JournalRecord] = []
        while let record = try reader.next() { records.append(record) }
        return records
    }

    @Test(arguments: GoldenJournalTests.all)
    func everySingleBitFlipIsDetected(_ golden: GoldenJournalTests.Golden) throws {
        let directory = try TemporaryDirectory()
        let bytes = try Files.read(GoldenJournalTests.path(golden.name), atMost: 999)
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            let path = try directory.overwrite("journal.egg", damaged)
            #expect(throws: JournalError.self, "bit \(bit)") { try readAll(path) }
        }
    }

    /// A journal that ends between records is a shorter one; at any other byte it is damaged.
    @Test(arguments: GoldenJournalTests.all)
    func truncationAtEveryByteIsDetected(_ golden: GoldenJournalTests.Golden) throws {
        let directory = try TemporaryDirectory()
        let path = GoldenJournalTests.path(golden.name)
        let bytes = try Files.read(path, atMost: 999)
        let whole = try readAll(path)
        var ends: [Int: Int] = [:]
        var reader = try JournalReader(path)
        for count in 0...whole.count {
            ends[reader.position.bytes] = count
            _ = try reader.next()
        }
        #expect(ends.count == 4)
        for count in bytes.indices {
            let path = try directory.overwrite("journal.egg", Array(bytes[..<count]))
            if let records = ends[count] {
                #expect(try readAll(path) == Array(whole[..<records]))
            } else {
                let error = #expect(throws: JournalError.self, "\(count)") { try readAll(path) }
                #expect(error?.byte ?? count <= count)
            }
        }
    }

    /// The checksums form a chain: records of another journal, or in another order, do not fit in.
    @Test func recordsCannotBeMoved() throws {
        let directory = try TemporaryDirectory()
        func journal(_ name: String, seed: UInt64) throws -> [UInt8] {
            let header = JournalHeader(
                content: .evaluation, seed: seed, configIdentity: 0, dataIdentity: 0,
                initialWeights: 0)
            let writer = try JournalWriter(directory.file(name), header: header)
            for step in 1...3 {
                try writer.append(
                    JournalRecord(step: step, outcome: .votesDigest(0), weightsDigest: nil))
            }
            return try Files.read(directory.file(name), atMost: 999)
        }
        let (a, b) = (try journal("a", seed: 1), try journal("b", seed: 2))
        let size = (a.count - JournalHeader.byteCount) / 3
        let (second, third) = (JournalHeader.byteCount + size, JournalHeader.byteCount + 2 * size)
        let mixtures: [[ArraySlice<UInt8>]] = [
            [a[..<second], b[second...]],  // the end of another run
            [a[..<second], a[third...]],  // one left out
            [a[..<third], a[second..<third]],  // one twice
        ]
        for bytes in mixtures {
            let path = try directory.overwrite("c", Array(bytes.joined()))
            #expect(throws: JournalError.self) { try readAll(path) }
        }
    }

    /// Sizes that a file claims are compared with what they can be before memory is asked for.
    @Test(arguments: [UInt64(0), 1 << 24 + 1, 1 << 40, .max])
    func refusesImpossibleNumbersOfDirections(_ directions: UInt64) throws {
        let directory = try TemporaryDirectory()
        var bytes = Array("EGGJRNL\n".utf8)
        for word in [JournalHeader.version, 1] { bytes.append(littleEndian: word) }
        for word in [directions, 0, 1, 2, 3, 4] { bytes.append(littleEndian: word) }
        bytes.append(littleEndian: XXH64.hash(bytes))
        let path = try directory.overwrite("journal.egg", bytes)
        let error = #expect(throws: JournalError.self) { try JournalReader(path) }
        #expect(error?.finding.contains("content") == true)
    }

    @Test func refusesAnotherVersion() throws {
        let directory = try TemporaryDirectory()
        var bytes = try Files.read(GoldenJournalTests.path("sign"), atMost: 999)
        bytes = Array(bytes[..<(JournalHeader.byteCount - 8)])
        bytes[8] = 2
        bytes.append(littleEndian: XXH64.hash(bytes))
        let path = try directory.overwrite("journal.egg", bytes)
        let error = #expect(throws: JournalError.self) { try JournalReader(path) }
        #expect(error?.finding == "has format version 2, and this program reads 1")
    }

    @Test func refusesAPipe() throws {
        let directory = try TemporaryDirectory()
        try directory.makePipe("pipe")
        #expect(throws: JournalError.self) { try JournalReader(directory.file("pipe")) }
    }
}
