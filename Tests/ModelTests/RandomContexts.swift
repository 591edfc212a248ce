import RecurrentLM
import Reference
import SeededNoise

@testable import EvolutionStrategy

extension ContextKind {
    /// Every kind there is.
    static let all = byteRange.map(ContextKind.bytes) + [.word, .wordPair]
}

extension ContextTable {
    /// Gives a row a tag, or with 0 takes its owner away.
    private func give(row: Int, tag: Int) {
        withUnsafeBytes(of: UInt8(tag)) { restoreTags(row..<row + 1, from: $0) }
    }

    /// The tags of all rows.
    var tags: [UInt8] { (0..<rows).map(tag) }

    /// Gives every row the values and the owner of another table of the same size.
    func copy(_ other: ContextTable) {
        for row in 0..<rows {
            give(row: row, tag: Int(other.tag(row: row)))
            self.row(row).update(from: other.row(row), count: width)
            if let parts = other.parts(row: row) {
                self.parts(row: row)?.update(from: parts, count: width)
            }
        }
    }

    /// The fine values of a trained table, without padding.
    var fineValues: [[Int]] {
        (0..<rows).map { row in
            (0..<width).map { i in
                let value = Int(self.row(row)[i])
                return parts(row: row).map { 256 * value + Int($0[i]) } ?? value
            }
        }
    }

    /// The rows without padding.
    var values: [[Int8]] {
        (0..<rows).map { Array(UnsafeBufferPointer(start: row($0), count: width)) }
    }
}

extension RowRule {
    /// How often each row was read.
    var readings: [UInt16] {
        let bytes = state("table")[0].bytes
        return stride(from: 0, to: bytes.count, by: 2).map {
            UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8
        }
    }

    /// How firmly each row is held.
    var strengths: [UInt8] { state("table")[1].bytes }

    /// Begins with these readings.
    func restore(readings: [UInt16]) {
        let bytes = readings.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        bytes.withUnsafeBytes { state("table")[0].restore(0..<bytes.count, $0) }
    }
}

extension ContextState {
    /// All bytes at once.
    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes { save(0..<count, $0) }
        return bytes
    }
}

extension RowCredits {
    /// Credits of every size for 600 contexts, of which some are read often, in a slot sometimes twice.
    static func random(slots: Int, contextsPerSlot: Int, width: Int, step: Int) -> RowCredits {
        let credits = RowCredits(capacity: slots, contextsPerSlot: contextsPerSlot, width: width)
        let key = NoiseKey(seed: 9, domain: .story, epoch: UInt32(step))
        for slot in 0..<slots {
            let word = key.words(block: UInt32(slot))
            for place in 0..<contextsPerSlot {
                let most: UInt32 = slot % 2 == 0 ? 3 : 600
                credits.contexts.pointer[slot * contextsPerSlot + place] =
                    word[place] % most &* 2_654_435_761
            }
            let values = randomValues(width, seed: UInt64(step), stream: slot, extremes: 3)
            credits.credits.setRow(slot, to: values[...])
        }
        return credits
    }
}
