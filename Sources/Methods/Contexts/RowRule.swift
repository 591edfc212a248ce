import CKernels
import IntegerTensor
import RecurrentLM

/// Moves the rows of a context table by the credits of the places that read them, each as soon as it is read.
///
/// Most rows are read once or twice in a run, so there is no momentum, and the fine values are the table's own:
/// f += (credit · ρ + dither) >> 16 at each reading, rounded up or down by a hash of step, slot and place. ρ falls
/// with the number of the row's readings; see ``RowRate``. ``RowOwners`` says whose row it is.
final class RowRule {
    private let table: ContextTable
    private let rate: RowRate
    private let kernel: UnsafePointer<egg_kernel>
    private let pool: WorkerPool
    /// How often each row was read, at most 2^16 - 1. [rows]
    private let visits: AlignedBuffer<UInt16>
    private let owners: RowOwners
    /// The moves that each thread does next.
    private let moves: [AlignedBuffer<egg_row_move>]

    /// Moves of a list before it is worked through: it stays in a processor's first cache.
    private static let listMoves = 512

    /// How many slots ahead memory is asked for what their contexts will need.
    private static let slotsAhead = 2

    /// Makes a rule for a table whose rows were never read.
    init(_ table: ContextTable, _ rate: RowRate, kernel: Kernel, pool: WorkerPool) {
        self.table = table
        self.rate = rate
        self.kernel = kernel.table
        self.pool = pool
        visits = AlignedBuffer(count: table.rows)
        owners = RowOwners(table)
        moves = (0..<pool.threads).map { _ in AlignedBuffer(count: Self.listMoves) }
    }

    /// Moves the rows that the slots of a step, counted from 0, have read; `schedule` is that of the run's rule.
    func apply(_ credits: RowCredits, step: Int, schedule: RateSchedule?) {
        let rates = rate.table(step: step, schedule)
        // A bucket belongs to one thread, which does its moves in the order of the slots.
        pool.run(pool.threads) { part, _ in
            move(credits, part: part, step: step, rates: rates)
        }
    }

    private func move(_ credits: RowCredits, part: Int, step: Int, rates: RowRate.Table) {
        let list = moves[part]
        var count = 0
        for slot in 0..<credits.slots {
            expect(credits, slot: slot &+ Self.slotsAhead, part: part)
            for place in 0..<credits.contextsPerSlot {
                let hash = credits.context(slot: slot, place)
                guard isHandled(hash, by: part), let owned = owners.read(hash) else { continue }
                list.pointer[count] = egg_row_move(
                    row: UInt32(truncatingIfNeeded: owned.row), credit: UInt32(slot),
                    rate: rates.at(read(owned)),
                    dither: Self.dither(step: step, slot: slot, place: place),
                    is_new: owned.isNew ? 1 : 0)
                count += 1
                if count == Self.listMoves {
                    work(list, count, credits)
                    count = 0
                }
            }
        }
        work(list, count, credits)
    }

    /// Whether a thread does the moves of a context's bucket.
    @inline(__always)
    private func isHandled(_ hash: UInt32, by part: Int) -> Bool {
        table.bucket(of: hash) % pool.threads == part
    }

    /// Asks memory for what a thread will need of the contexts of a slot.
    private func expect(_ credits: RowCredits, slot: Int, part: Int) {
        guard slot < credits.slots else { return }
        for place in 0..<credits.contextsPerSlot {
            let hash = credits.context(slot: slot, place)
            guard isHandled(hash, by: part) else { continue }
            owners.expect(hash)
            egg_expect(visits.pointer + table.firstRow(of: hash))
        }
    }

    /// Counts a reading of a row by its owner; returns how many there were with it.
    private func read(_ owned: RowOwners.Place) -> UInt16 {
        let count = owned.isNew ? 0 : visits.pointer[owned.row]
        let readings = count == .max ? count : count + 1
        visits.pointer[owned.row] = readings
        return readings
    }

    private func work(_ list: AlignedBuffer<egg_row_move>, _ count: Int, _ credits: RowCredits) {
        kernel.pointee.move_rows(
            Int32(count), Int32(table.width), list.pointer, credits.credits.input(), table.fineRows)
    }

    /// The dither of a row's first value, 16 bits.
    static func dither(step: Int, slot: Int, place: Int) -> UInt32 {
        let places = UInt64(ModelConfig.mostContexts)
        var hash =
            UInt64(step) &* 0x9E37_79B9_7F4A_7C15
            &+ (UInt64(slot) &* places &+ UInt64(place)) &* 0xD6E8_FEB8_6659_FD93
        hash ^= hash >> 29
        hash = hash &* 0xBF58_476D_1CE4_E5B9
        return UInt32(truncatingIfNeeded: hash >> 48)
    }

    /// Empties the table, as if no row had been read.
    func clear() {
        owners.clear()
        visits.zero()
    }

    // MARK: State

    /// How often each row was read by its owner, 16 bits each, little-endian; how firmly it is held; and what each fine value
    /// is above 256 times its weight, a signed byte each. The names end with `name`.
    func state(_ name: String) -> [ContextState] {
        let size = MemoryLayout<UInt16>.size
        let table = table
        let visits = visits
        return [
            ContextState(
                name: "readings.\(name)", count: visits.count * size,
                save: { range, block in
                    for (place, byte) in range.enumerated() {
                        let count = visits.pointer[byte / size]
                        block[place] = UInt8(truncatingIfNeeded: count >> UInt16(8 * (byte % size)))
                    }
                },
                restore: { range, block in
                    for (place, byte) in range.enumerated() {
                        visits.pointer[byte / size] |=
                            UInt16(block[place]) << UInt16(8 * (byte % size))
                    }
                }),
            owners.state(name),
            ContextState(
                name: "fine.\(name)", count: table.rows * table.width,
                save: { table.saveFineParts($0, into: $1) },
                restore: { table.restoreFineParts($0, from: $1) }),
        ]
    }
}
