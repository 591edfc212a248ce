import RecurrentLM
import SeededNoise

@testable import EvolutionStrategy

/// Values of ±127, one in `extremes`, and others of any size: a pure function of the seed.
func randomValues(_ count: Int, seed: UInt64, stream: Int = 0, extremes: UInt32 = 8) -> [Int8] {
    let key = NoiseKey(seed: seed, domain: .story, stream: UInt32(stream))
    return (0..<count).map { index in
        let word = key.words(block: UInt32(index))
        if word[0] % extremes == 0 { return word[1] & 1 == 0 ? 127 : -127 }
        return Int8(Int(word[2] % 255) - 127)
    }
}

extension ContextKind {
    /// Every kind there is.
    static let all = byteRange.map(ContextKind.bytes) + [.word, .wordPair]
}

extension ContextTable {
    /// Gives every row random values, among them the largest there are, random parts where it is trained, and to most rows
    /// an owner.
    func fill(seed: UInt64) {
        for row in 0..<rows {
            give(row: row, tag: row % 4 == 3 ? 0 : 1 + (row * 7919 + Int(seed)) % 255)
            for (i, value) in randomValues(width, seed: seed, stream: row).enumerated() {
                self.row(row)[i] = value
            }
            let parts = parts(row: row)
            for (i, part) in randomValues(width, seed: seed + 1, stream: row).enumerated() {
                parts?[i] = part == 127 ? -128 : part
            }
        }
    }

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
