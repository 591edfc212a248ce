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

    private static let chunkPairs = Int(EGG_VOTE_PAIRS)
    private static let chunkRows = Int(EGG_VOTE_ROWS)

    /// Some rows of one tensor.
    private struct Unit {
        let tensor: ParameterSpec
        let rows: Range<Int>
    }

    /// What a thread owns: the factors of a chunk of pairs and the kernel's scratch.
    private struct Worker {
        let a, b: Int8Rows
        let scratch: AlignedBuffer<UInt8>
    }

    init(layout: ParameterLayout, kernel: Kernel, pool: WorkerPool) {
        self.kernel = kernel
        self.pool = pool
        units = layout.tensors.flatMap { tensor in
            let step = tensor.kind.isVector ? tensor.rows : Self.chunkRows
            return stride(from: 0, to: tensor.rows, by: step).map { first in
                Unit(tensor: tensor, rows: first..<min(first + step, tensor.rows))
            }
        }
        let columns = layout.tensors.map(\.columns).max() ?? 0
        let left = max(Self.chunkRows, layout.config.hidden)
        workers = (0..<pool.threads).map { _ in
            Worker(
                a: Int8Rows(rows: Self.chunkPairs, width: left),
                b: Int8Rows(rows: Self.chunkPairs, width: columns),
                scratch: AlignedBuffer(
                    count: kernel.table.pointee.vote_scratch(Int32(columns))))
        }
    }

    func count(_ fitness: Fitness, source: some PerturbationSource, into votes: Votes) {
        let values = fitness.values
        let voters = values.indices.filter { values[$0] != 0 }
        votes.pairs = values.count
        votes.noSignalRMS = fitness.noSignalRMS
        pool.run(units.count) { index, worker in
            let unit = units[index]
            let columns = unit.tensor.kind.isVector ? 1 : unit.tensor.columns
            let output = votes.values[unit.tensor.id].pointer + unit.rows.lowerBound * columns
            output.update(repeating: 0, count: unit.rows.count * columns)
            for start in stride(from: 0, to: voters.count, by: Self.chunkPairs) {
                let chunk = voters[start..<min(start + Self.chunkPairs, voters.count)]
                add(unit, chunk, fitness, source, workers[worker], output)
            }
        }
    }

    private func add(
        _ unit: Unit, _ pairs: ArraySlice<Int>, _ fitness: Fitness,
        _ source: some PerturbationSource, _ worker: Worker, _ output: UnsafeMutablePointer<Int32>
    ) {
        let tensor = unit.tensor
        for (index, pair) in pairs.enumerated() {
            source.fill(
                worker.a.row(index), tensor: tensor.id, side: .a, pair: pair,
                first: unit.rows.lowerBound, count: unit.rows.count)
            source.fill(
                worker.b.row(index), tensor: tensor.id, side: .b, pair: pair, first: 0,
                count: tensor.columns)
        }
        let chunkFitness = pairs.map { fitness.values[$0] }
        let shift = fitness.form.shift
        let count = Int32(pairs.count)
        if tensor.kind.isVector {
            kernel.table.pointee.vector_votes(
                count, Int32(tensor.rows), worker.a.input(), worker.b.input(), chunkFitness,
                Int32(shift), output)
        } else {
            kernel.table.pointee.votes(
                count, Int32(unit.rows.count), Int32(tensor.columns), worker.a.input(),
                worker.b.input(), chunkFitness, Int32(shift), output, tensor.columns,
                worker.scratch.pointer)
        }
    }
}
