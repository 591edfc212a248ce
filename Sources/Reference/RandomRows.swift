import RecurrentLM
import SeededNoise

extension Parameters {
    /// Gives rows to three of four contexts of some texts, so that rows are found for them.
    package func giveRows(toContextsOf texts: [[UInt8]]) {
        for table in [contexts, direct].compactMap({ $0 }) {
            for text in texts {
                var history = ContextHistory()
                for byte in text {
                    history.read(byte)
                    for kind in config.contexts {
                        let hash = history.hash(kind)
                        let way = Int(hash >> 8) % 4
                        guard way > 0 else { continue }
                        table.give(
                            row: table.rows(of: table.bucket(of: hash)).lowerBound + way, to: hash)
                    }
                }
            }
        }
    }
}

extension ContextTable {
    /// Gives every row random values, among them the largest there are, random parts where it is trained, and to most rows
    /// an owner.
    package func fill(seed: UInt64) {
        for row in 0..<rows {
            let tag = row % 4 == 3 ? 0 : UInt8(1 + (row * 7919 + Int(seed)) % 255)
            withUnsafeBytes(of: tag) { restoreTags(row..<row + 1, from: $0) }
            for (i, value) in randomValues(width, seed: seed, stream: row).enumerated() {
                self.row(row)[i] = value
            }
            let parts = parts(row: row)
            for (i, part) in randomValues(width, seed: seed + 1, stream: row).enumerated() {
                parts?[i] = part == 127 ? -128 : part
            }
        }
    }
}

/// Values of ±127, one in `extremes`, and others of any size: a pure function of the seed.
package func randomValues(_ count: Int, seed: UInt64, stream: Int = 0, extremes: UInt32 = 8)
    -> [Int8]
{
    let key = NoiseKey(seed: seed, domain: .story, stream: UInt32(stream))
    return (0..<count).map { index in
        let word = key.words(block: UInt32(index))
        if word[0] % extremes == 0 { return word[1] & 1 == 0 ? 127 : -127 }
        return Int8(Int(word[2] % 255) - 127)
    }
}
