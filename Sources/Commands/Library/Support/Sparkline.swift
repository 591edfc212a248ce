/// A curve as a row of blocks, for a terminal.
struct Sparkline {
    /// The parts that the values so far are divided into; each has the sum and the number of its values.
    private var parts: [(sum: Int64, count: Int)] = []
    /// The values of a full part.
    private var valuesPerPart = 1

    /// The most columns that a row takes.
    static let columns = 24
    private static let blocks = Array("▁▂▃▄▅▆▇█")

    init() {}

    /// Adds a value. Of a long curve neighbours are taken together, so that the row never passes ``columns``.
    mutating func add(_ value: Int64) {
        if let last = parts.last, last.count < valuesPerPart {
            parts[parts.count - 1] = (last.sum + value, last.count + 1)
            return
        }
        if parts.count == Self.columns {
            parts = stride(from: 0, to: parts.count, by: 2).map { index in
                let (first, second) = (parts[index], parts[index + 1])
                return (first.sum + second.sum, first.count + second.count)
            }
            valuesPerPart *= 2
        }
        parts.append((value, 1))
    }

    /// The row, a block for each part from the lowest value to the highest; nil before there are two parts.
    var text: String? {
        let means = parts.map { $0.sum / Int64($0.count) }
        guard means.count > 1, let low = means.min(), let high = means.max() else { return nil }
        let top = Int64(Self.blocks.count - 1)
        return String(
            means.map { mean in
                Self.blocks[high == low ? 0 : Int(((mean - low) * top * 2 / (high - low) + 1) / 2)]
            })
    }
}
