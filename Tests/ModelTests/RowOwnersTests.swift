import RecurrentLM
import Testing

@testable import EvolutionStrategy

/// Which contexts get rows.
@Suite struct RowOwnersTests {
    private let table: ContextTable

    init() throws {
        let config = ModelConfig(
            hidden: 8, layers: 1, mlpWidth: 0, contexts: [.word], contextRows: 256)
        table = try #require(ContextTable.inputs(config))
    }

    /// A context of the first bucket.
    private func context(_ number: UInt32) -> UInt32 { number }

    /// What reading a context gives: its row, with `new` where it has just got it.
    private func read(_ owners: RowOwners, _ number: UInt32) -> String? {
        owners.read(context(number)).map { "\($0.row)" + ($0.isNew ? " new" : "") }
    }

    @Test func theFirstContextsOfABucketGetItsRows() {
        let owners = RowOwners(table)
        #expect((1...4).map { read(owners, $0) } == ["0 new", "1 new", "2 new", "3 new"])
        #expect((1...4).map { read(owners, $0) } == ["0", "1", "2", "3"])
        #expect((1...4).map { table.row(of: context($0)) } == [0, 1, 2, 3])
        #expect(table.row(of: context(5)) == table.rows)
    }

    @Test func otherBucketsAreLeftAlone() {
        let owners = RowOwners(table)
        let last: UInt32 = .max
        #expect(read(owners, last) == "252 new")
        #expect(table.tags.enumerated().filter { $0.element != 0 }.map(\.offset) == [252])
        #expect(table.row(of: last) == 252 && table.row(of: context(255)) == table.rows)
    }

    /// A row read once goes to the second context that wants it; one that is read again and again stays.
    @Test func rareContextsMakeRoom() {
        let owners = RowOwners(table)
        for number: UInt32 in [1, 2, 3, 4, 1, 3, 4] { _ = read(owners, number) }
        #expect(read(owners, 5) == nil)
        #expect(read(owners, 6) == "1 new")
        #expect(table.row(of: context(2)) == table.rows)
        #expect([1, 3, 4].map { read(owners, $0) } == ["0", "2", "3"])
    }

    @Test func strengthHasABound() {
        let owners = RowOwners(table)
        for number: UInt32 in 1...4 { for _ in 0..<1000 { _ = read(owners, number) } }
        let strengths = owners.state("table").bytes
        #expect(strengths.prefix(5) == [255, 255, 255, 255, 0])
    }

    @Test func aModelThatIsTrainedFurtherKeepsItsRowsForAWhile() {
        table.give(row: 2, to: context(9))
        let owners = RowOwners(table)
        for number: UInt32 in 1...3 { for _ in 0..<20 { _ = read(owners, number) } }
        for number: UInt32 in 20..<36 { #expect(read(owners, number) == nil, "\(number)") }
        #expect(read(owners, 36) == "2 new")
    }

    /// The lowest byte 0 is no tag, as 0 stands for nobody.
    @Test func tagsAreNeverZero() {
        #expect(ContextTable.tag(of: 0xABCD_EF00) == 1 && ContextTable.tag(of: 0x0000_01FF) == 255)
        #expect(table.row(of: 0) == table.rows)
        table.give(row: 3, to: 0)
        #expect(table.row(of: 0) == 3 && table.row(of: 1) == 3)
    }
}
