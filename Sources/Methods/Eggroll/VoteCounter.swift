import CKernels
import IntegerTensor
import RecurrentLM

/// Turns fitness into votes: regenerates the noise of every pair and sums F_p·A_p⊗B_p.
///
/// The work is cut into rows of tensors, so that no two threads write the same votes; sums of Int32
/// have no order, so the result is the same on any number of threads.
final class VoteCounter: @unchecked Sendable {
    private let kernel: Kernel
    private let pool: WorkerPool
    private let units: [Unit]
    private let workers: [Worker]
    /// The pairs whose fitness is not 0, and their fitness, both in order; the first `voterCount` count.
    private let voters: AlignedBuffer<Int32>
    private let voterFitness: AlignedBuffer<Int8>
    private var voterCount = 0

    private static let chunkPairs = Int(EGG_VOTE_PAIRS)
    private static let chunkRows = Int(EGG_VOTE_ROWS)
    /// The most rows of a unit: its right factors are generated once for all of them.
    private static let unitRows = 4 * chunkRows
    /// The fewest units for each thread, where the tensors allow it: no thread then waits long for others.
    private static let unitsPerThread = 8

    /// Some rows of one tensor.
    private struct Unit {
        let tensor: ParameterSpec
        let rows: Range<Int>

        /// The first of the tensor's weights that the unit covers, and their number.
        var firstWeight: Int { rows.lowerBound * tensor.rowWeights }
        var size: Int { rows.count * tensor.rowWeights }
    }

    /// What a thread owns: the factors of a chunk of pairs and the kernel's scratch.
    private struct Worker {
        let a, b: Int8Rows
        let scratch: AlignedBuffer<UInt8>
    }

    /// Makes a counter of the votes of the weights in `slice`, for a population of `pairs` pairs. It leaves the head to
    /// others unless `countsHead` says otherwise.
    init(
        layout: ParameterLayout, slice: WeightSlice, countsHead: Bool = true, pairs: Int,
        kernel: Kernel, pool: WorkerPool
    ) {
        self.kernel = kernel
        self.pool = pool
        voters = AlignedBuffer(count: pairs)
        voterFitness = AlignedBuffer(count: pairs)
        let tensors = layout.tensors.filter { countsHead || $0.id != layout.head }
        let units = Self.units(tensors, slice, threads: pool.threads)
        let columns = layout.tensors.map(\.columns).max() ?? 0
        let left = units.map(\.rows.count).max() ?? 0
        self.units = units
        workers = (0..<pool.threads).map { _ in
            Worker(
                a: Int8Rows(rows: Self.chunkPairs, width: left),
                b: Int8Rows(rows: Self.chunkPairs, width: columns),
                scratch: AlignedBuffer(
                    count: kernel.table.pointee.vote_scratch(Int32(columns))))
        }
    }

    /// The work in units, the largest first so that the small ones fill the gaps at the end.
    private static func units(
        _ tensors: [ParameterSpec], _ slice: WeightSlice, threads: Int
    ) -> [Unit] {
        let perUnit = slice.count(of: tensors) / (unitsPerThread * threads)
        let units = tensors.flatMap { tensor -> [Unit] in
            let rows = slice.rows[tensor.id]
            guard !rows.isEmpty else { return [] }
            if tensor.kind.isVector { return [Unit(tensor: tensor, rows: rows)] }
            let chunks = perUnit / (tensor.columns * chunkRows)
            let step = min(unitRows, max(1, chunks) * chunkRows)
            return stride(from: rows.lowerBound, to: rows.upperBound, by: step).map { first in
                Unit(tensor: tensor, rows: first..<min(first + step, rows.upperBound))
            }
        }
        return units.sorted { $0.size > $1.size }
    }

    /// Writes the votes of the weights in its slice; `fitness` is that of the whole population.
    func count(_ fitness: Fitness, source: some PerturbationSource, into votes: Votes) {
        votes.fitness = fitness
        gatherVoters(fitness)
        let shift = Int32(fitness.form.shift)
        pool.run(units.count) { index, worker in
            let unit = units[index]
            let output = votes.values[unit.tensor.id].pointer + unit.firstWeight
            output.update(repeating: 0, count: unit.size)
            for start in stride(from: 0, to: voterCount, by: Self.chunkPairs) {
                let chunk = start..<min(start + Self.chunkPairs, voterCount)
                fill(workers[worker], unit, chunk, source)
                add(unit, chunk, shift, workers[worker], output)
            }
        }
    }

    private func gatherVoters(_ fitness: Fitness) {
        voterCount = 0
        for (pair, value) in fitness.values.enumerated() where value != 0 {
            voters.pointer[voterCount] = Int32(pair)
            voterFitness.pointer[voterCount] = value
            voterCount += 1
        }
    }

    /// Generates the factors of a chunk of voters.
    private func fill(
        _ worker: Worker, _ unit: Unit, _ chunk: Range<Int>, _ source: some PerturbationSource
    ) {
        for (index, voter) in chunk.enumerated() {
            let pair = Int(voters.pointer[voter])
            source.fill(
                worker.a.row(index), tensor: unit.tensor.id, side: .a, pair: pair,
                first: unit.rows.lowerBound, count: unit.rows.count)
            source.fill(
                worker.b.row(index), tensor: unit.tensor.id, side: .b, pair: pair, first: 0,
                count: unit.tensor.columns)
        }
    }

    private func add(
        _ unit: Unit, _ chunk: Range<Int>, _ shift: Int32, _ worker: Worker,
        _ output: UnsafeMutablePointer<Int32>
    ) {
        let fitness = voterFitness.pointer + chunk.lowerBound
        let count = Int32(chunk.count)
        guard !unit.tensor.kind.isVector else {
            kernel.table.pointee.vector_votes(
                count, Int32(unit.tensor.rows), worker.a.input(), worker.b.input(), fitness, shift,
                output)
            return
        }
        let columns = unit.tensor.columns
        for first in stride(from: 0, to: unit.rows.count, by: Self.chunkRows) {
            let rows = min(Self.chunkRows, unit.rows.count - first)
            let left = egg_const_rows(data: worker.a.row(0) + first, stride: worker.a.stride)
            kernel.table.pointee.votes(
                count, Int32(rows), Int32(columns), left, worker.b.input(), fitness, shift,
                output + first * columns, columns, worker.scratch.pointer)
        }
    }
}
