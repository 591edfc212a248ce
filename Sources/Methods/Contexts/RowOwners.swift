import CKernels
import IntegerTensor
import RecurrentLM

/// Decides which contexts own the rows of a table while it is trained.
///
/// An owner holds its row with a strength: the number of its readings, at most 255, less one for each reading of a
/// context without a row that found this row the weakest of its bucket. A row without strength goes to the next such
/// context. So contexts that come again and again keep their rows, and those that came once make room.
struct RowOwners {
    private let table: ContextTable
    /// How firmly each row is held. [rows]
    private let strengths: AlignedBuffer<UInt8>

    /// The strength with which a model that comes with rows begins.
    private static let initialStrength: UInt8 = 16

    /// Takes the owners that the table has.
    init(_ table: ContextTable) {
        self.table = table
        strengths = AlignedBuffer(count: table.rows)
        for row in 0..<table.rows where table.tag(row: row) != 0 {
            strengths.pointer[row] = Self.initialStrength
        }
    }

    /// A row that a context owns.
    struct Place {
        let row: Int
        /// Whether the row was another's, or nobody's, before: it begins anew.
        let isNew: Bool
    }

    /// Asks memory for what ``read(_:)`` will need soon.
    @inline(__always)
    func expect(_ hash: UInt32) {
        table.expect(hash)
        egg_expect(strengths.pointer + table.firstRow(of: hash))
    }

    /// Counts a reading of a context, which may win a row by it.
    /// - Returns: Its row; nil where it has none, as all rows of its bucket are held.
    @inline(__always)
    func read(_ hash: UInt32) -> Place? {
        let owned = table.row(of: hash)
        if owned < table.rows {
            if strengths.pointer[owned] < .max { strengths.pointer[owned] += 1 }
            return Place(row: owned, isNew: false)
        }
        let rows = table.rows(of: table.bucket(of: hash))
        var weakest = rows.lowerBound
        for row in rows where strengths.pointer[row] < strengths.pointer[weakest] {
            weakest = row
        }
        guard strengths.pointer[weakest] == 0 else {
            strengths.pointer[weakest] -= 1
            return nil
        }
        table.give(row: weakest, to: hash)
        strengths.pointer[weakest] = 1
        return Place(row: weakest, isNew: true)
    }

    /// Takes the rows from all owners.
    func clear() {
        table.clear()
        strengths.zero()
    }

    // MARK: State

    /// How firmly each row is held, a byte each, under a name that ends with `name`.
    func state(_ name: String) -> ContextState {
        let strengths = strengths
        return ContextState(
            name: "strengths.\(name)", count: strengths.count,
            save: { range, block in
                for (place, row) in range.enumerated() { block[place] = strengths.pointer[row] }
            },
            restore: { range, block in
                for (place, row) in range.enumerated() { strengths.pointer[row] = block[place] }
            })
    }
}
