import RecurrentLM
import Testing

/// The cut of a population into blocks.
@Suite struct BlockScheduleTests {
    @Test(arguments: [1, 2, 3, 7, 48, 49, 100, 1000, 4096], [1, 2, 3, 5, 64])
    func coversEveryRowOnceInOrder(rows: Int, threads: Int) {
        for blockRows in [1, 2, 6, 48, 64] {
            let schedule = BlockSchedule(rows: rows, blockRows: blockRows, threads: threads)
            #expect(schedule.blocks.flatMap { Array($0) } == Array(0..<rows))
            let sizes = schedule.blocks.map(\.count)
            #expect(sizes.allSatisfy { 0 < $0 && $0 <= schedule.capacity })
            #expect(schedule.capacity <= blockRows)
            #expect(sizes == sizes.sorted(by: >), "blocks grow")
        }
    }

    @Test func endsInQuarters() {
        let sizes = BlockSchedule(rows: 4096, blockRows: 48, threads: 2).blocks.map(\.count)
        #expect(sizes.filter { $0 == 48 }.count == 82)
        #expect(sizes.suffix(4).allSatisfy { $0 <= 12 })
    }

    @Test func oneThreadKeepsFullBlocks() {
        let sizes = BlockSchedule(rows: 100, blockRows: 48, threads: 1).blocks.map(\.count)
        #expect(sizes == [48, 48, 4])
    }

    /// Few rows: every thread has some.
    @Test func smallPopulationsAreSpread() {
        #expect(BlockSchedule(rows: 8, blockRows: 48, threads: 4).blocks.count >= 4)
    }
}
