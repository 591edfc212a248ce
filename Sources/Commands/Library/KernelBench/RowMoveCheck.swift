import CKernels
import IntegerTensor
import RecurrentLM
import Reference

/// Moves of rows of contexts, in which a kernel must follow its definition.
struct RowMoveCheck {
    let width: Int

    /// Rows of the input around the widths of vectors, and those of the logits.
    static let widths = [1, 7, 64, 256]

    /// So many moves of few rows, so that some rows move again and some begin anew.
    private static let (rows, slots, count) = (8, 16, 64)

    /// Whether all values after the moves are fine + ((credit · rate + dither) >> 16), within what 8 bits of weight and 8
    /// bits below them hold.
    func passes(_ kernel: Kernel) -> Bool {
        let (weights, parts) = (rows(Self.rows, seed: 11), rows(Self.rows, seed: 12))
        let credits = rows(Self.slots, seed: 13)
        var expected = (0..<Self.rows).map { row in
            zip(weights.values(row: row), parts.values(row: row)).map {
                256 * Int($0) + Int($1)
            }
        }
        let moves = moves
        for move in moves { apply(move, credits.values(row: Int(move.credit)), to: &expected) }
        kernel.table.pointee.move_rows(
            Int32(moves.count), Int32(width), moves, credits.input(),
            egg_fine_rows(weights: weights.row(0), parts: parts.row(0), stride: weights.stride))
        return (0..<Self.rows).allSatisfy { row in
            let (weights, parts) = (weights.values(row: row), parts.values(row: row))
            return zip(weights, parts).map { 256 * Int($0) + Int($1) } == expected[row]
        }
    }

    private func rows(_ count: Int, seed: UInt64) -> Int8Rows {
        let rows = Int8Rows(rows: count, width: width)
        for row in 0..<count {
            rows.setRow(row, to: randomValues(width, seed: seed, stream: row)[...])
        }
        return rows
    }

    private var moves: [egg_row_move] {
        let draws = randomValues(4 * Self.count, seed: 14).map { UInt32(Int($0) + 127) }
        return (0..<Self.count).map { index in
            let place = 4 * index
            return egg_row_move(
                row: draws[place] % UInt32(Self.rows),
                credit: draws[place + 1] % UInt32(Self.slots),
                rate: Int32(draws[place + 2]) * 32_768, dither: draws[place + 3] * 257,
                is_new: index % 9 == 4 ? 1 : 0)
        }
    }

    private func apply(_ move: egg_row_move, _ credit: [Int8], to rows: inout [[Int]]) {
        let row = Int(move.row)
        for i in 0..<width {
            let dither = (Int(move.dither) + i * Int(EGG_DITHER_STEP)) % 65_536
            let fine = move.is_new == 1 ? 0 : rows[row][i]
            let moved = fine + (Int(credit[i]) * Int(move.rate) + dither) >> 16
            rows[row][i] = min(256 * 127 + 127, max(-256 * 127 - 128, moved))
        }
    }
}
