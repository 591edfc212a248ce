import CKernels
import IntegerTensor
import RecurrentLM
import Reference
import SeededNoise
import Testing

@testable import EvolutionStrategy

/// How the rows of a table of contexts move.
@Suite struct RowRuleTests {
    private static let contexts: [ContextKind] = [.bytes(1), .word, .bytes(3)]

    /// Rows of any fine values: those of the input, or those of the logits, of which there are half as many.
    private func table(width: Int, logits: Bool = false) throws -> ContextTable {
        let config = ModelConfig(
            vocabulary: width, hidden: width, layers: 1, mlpWidth: 0, contexts: Self.contexts,
            contextRows: logits ? 512 : 256, direct: true)
        let table = try #require(logits ? ContextTable.logits(config) : .inputs(config))
        table.beginTraining()
        table.fill(seed: 3)
        return table
    }

    private func rule(
        _ table: ContextTable, _ rate: RowRate = .ofNodePerturbation, threads: Int = 1,
        kernel: String = "auto"
    ) throws -> RowRule {
        RowRule(table, rate, kernel: try .named(kernel), pool: WorkerPool(threads: threads))
    }

    /// Credits of every size for rows of which some are read often, a slot's rows sometimes twice.
    private func credits(width: Int, step: Int) -> RowCredits {
        .random(slots: 700, contextsPerSlot: Self.contexts.count, width: width, step: step)
    }

    /// A step as it is defined, one move after the other.
    private func move(
        _ rows: inout [[Int]], _ owners: inout PlainRowOwners, by credits: RowCredits, step: Int
    ) {
        let rates = RowRate.logits.table(step: step, nil)
        let range = -256 * 127 - 128...256 * 127 + 127
        for slot in 0..<credits.slots {
            for place in 0..<credits.contextsPerSlot {
                let hash = credits.contexts.pointer[slot * credits.contextsPerSlot + place]
                guard let (row, isNew) = owners.read(hash) else { continue }
                if isNew { rows[row] = rows[row].map { _ in 0 } }
                let rate = Int(rates.at(UInt16(owners.readings[row])))
                let dither = Int(RowRule.dither(step: step, slot: slot, place: place))
                for (i, credit) in credits.credits.values(row: slot).enumerated() {
                    let rounding = (dither + i * Int(EGG_DITHER_STEP)) % 65536
                    let moved = rows[row][i] + (Int(credit) * rate + rounding) >> 16
                    rows[row][i] = max(range.lowerBound, min(range.upperBound, moved))
                }
            }
        }
    }

    @Test(
        arguments: [(1, false), (7, false), (64, false), (1, true), (65, true), (100, true)],
        Kernel.available)
    func followsItsDefinition(_ shape: (width: Int, logits: Bool), _ kernel: Kernel) throws {
        let (width, logits) = shape
        let table = try table(width: width, logits: logits)
        let rule = try rule(table, .logits, threads: 2, kernel: kernel.name)
        var expected = table.fineValues
        var owners = PlainRowOwners(table)
        for step in [0, 1, 40] {
            let credits = credits(width: width, step: step)
            move(&expected, &owners, by: credits, step: step)
            rule.apply(credits, step: step, schedule: nil)
            let isEqual = table.fineValues == expected
            #expect(isEqual, "step \(step)")
            #expect(table.tags.map(Int.init) == owners.tags)
            #expect(rule.readings.map(Int.init) == owners.readings)
            #expect(rule.strengths.map(Int.init) == owners.strengths)
        }
        let values = table.values.joined()
        #expect(values.contains(127) && values.contains(-127) && !values.contains(-128))
        for row in 0..<table.rows {
            #expect((width..<table.stride).allSatisfy { table.row(row)[$0] == 0 }, "padding")
        }
    }

    /// Slots beyond those that an estimator has filled are left alone.
    @Test func onlyTheSlotsOfTheStepMoveRows() throws {
        let (few, all) = (try table(width: 9), try table(width: 9))
        let (ofFew, ofAll) = (try rule(few), try rule(all))
        let cut = credits(width: 9, step: 1)
        cut.slots = 10
        let short = RowCredits.random(
            slots: 10, contextsPerSlot: Self.contexts.count, width: 9, step: 1)
        ofFew.apply(cut, step: 1, schedule: nil)
        ofAll.apply(short, step: 1, schedule: nil)
        #expect(few.fineValues == all.fineValues && ofFew.readings == ofAll.readings)
        #expect(ofFew.readings.contains { $0 > 0 })
    }

    @Test(arguments: [2, 3, 5]) func movesTheSameRowsOnThreads(_ threads: Int) throws {
        let (alone, together) = (
            try table(width: 65, logits: true), try table(width: 65, logits: true)
        )
        let (one, many) = (try rule(alone), try rule(together, threads: threads))
        for step in 0..<3 {
            one.apply(credits(width: 65, step: step), step: step, schedule: nil)
            many.apply(credits(width: 65, step: step), step: step, schedule: nil)
        }
        #expect(alone.fineValues == together.fineValues && one.readings == many.readings)
    }

    /// What pushes a row on at its bound leaves it there.
    @Test(arguments: [127, -127] as [Int8]) func valuesStayWithinTheirBounds(_ end: Int8) throws {
        let table = try table(width: 64)
        table.give(row: 0, to: 0)
        let rule = try rule(table, RowRate(first: 1 << 22, tenths: 0))
        let credits = RowCredits(capacity: 200, contextsPerSlot: 1, width: 64)
        let ends = [Int8](repeating: end, count: 64)
        for slot in 0..<credits.slots { credits.credits.setRow(slot, to: ends[...]) }
        let others = table.values.dropFirst()
        rule.apply(credits, step: 1, schedule: nil)
        #expect(table.values[0] == ends)
        let bound = end > 0 ? 256 * 127 + 127 : -256 * 127 - 128
        #expect(table.fineValues[0].allSatisfy { $0 == bound })
        #expect(table.values.dropFirst() == others)
    }

    /// A rate that falls over the run moves rows less, and at the end not at all.
    @Test func theScheduleOfTheRunSlowsRows() throws {
        let rate = RowRate(first: 1 << 16, tenths: 0, fallsOverRun: true)
        let schedule = RateSchedule(rate: RateSchedule.one / 4, decay: 0, steps: 8)
        let credits = RowCredits(capacity: 1, contextsPerSlot: 1, width: 3)
        credits.credits.setRow(0, to: [64, 32, -16])
        func moved(step: Int, _ schedule: RateSchedule?) throws -> [Int] {
            let table = try table(width: 3)
            table.give(row: 0, to: 0)
            table.row(0).update(repeating: 0, count: 3)
            table.parts(row: 0)?.update(repeating: 0, count: 3)
            try rule(table, rate).apply(credits, step: step, schedule: schedule)
            return table.fineValues[0]
        }
        #expect(try moved(step: 0, schedule) == [64, 32, -16])
        #expect(try moved(step: 4, schedule) == [32, 16, -8])
        #expect(try moved(step: 8, schedule) == [0, 0, 0])
        #expect(try moved(step: 4, nil) == [64, 32, -16])
    }

    @Test func readingsAreCountedUpTo65535() throws {
        let table = try table(width: 5)
        for row in 0..<3 { table.give(row: row, to: UInt32(row + 1)) }
        let rule = try rule(table)
        var readings = [UInt16](repeating: 0, count: table.rows)
        readings[0] = 65534
        readings[1] = 65535
        rule.restore(readings: readings)
        let credits = RowCredits(capacity: 6, contextsPerSlot: 1, width: 5)
        for slot in 0..<6 { credits.contexts.pointer[slot] = UInt32(slot % 3 + 1) }
        rule.apply(credits, step: 1, schedule: nil)
        #expect(Array(rule.readings.prefix(4)) == [65535, 65535, 2, 0])
    }

    /// Moves are rounded up as often as their fraction says, so none is lost in the mean.
    @Test func dithersAreEven() {
        var halves = [0, 0]
        var values: Set<UInt32> = []
        for step in [0, 1, 9999] {
            for slot in 0..<500 {
                for place in 0..<ModelConfig.mostContexts {
                    let dither = RowRule.dither(step: step, slot: slot, place: place)
                    halves[Int(dither >> 15)] += 1
                    values.insert(dither)
                }
            }
        }
        #expect(values.allSatisfy { $0 < 1 << 16 })
        // Of 24,000 draws 12,000 ± 5 deviations of 77; as many draws as the values leave some out.
        #expect(abs(halves[0] - 12000) < 390, "\(halves)")
        #expect((19000...21500).contains(values.count), "\(values.count)")
    }

    // MARK: State

    @Test func stateContinuesWhereItWas() throws {
        let (straight, resumed) = (
            try table(width: 9, logits: true), try table(width: 9, logits: true)
        )
        let rule = try rule(straight)
        rule.apply(credits(width: 9, step: 1), step: 1, schedule: nil)
        resumed.copy(straight)
        let continued = try self.rule(resumed, threads: 3)
        for (own, other) in zip(continued.state("table"), rule.state("table")) {
            other.bytes.withUnsafeBytes { own.restore(0..<own.count, $0) }
        }
        rule.apply(credits(width: 9, step: 2), step: 2, schedule: nil)
        continued.apply(credits(width: 9, step: 2), step: 2, schedule: nil)
        #expect(resumed.fineValues == straight.fineValues && resumed.tags == straight.tags)
        #expect(continued.readings == rule.readings && continued.strengths == rule.strengths)
    }
}
