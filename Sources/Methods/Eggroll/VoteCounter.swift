import CKernels
import IntegerTensor
import RecurrentLM
import SeededNoise

/// Turns fitness into votes: regenerates the noise of every pair and sums F_p·Σ_k A_pk⊗B_pk.
///
/// The work is cut into rows of tensors, so that no two threads write the same votes. Voters are summed in parts of which
/// no sum can pass Int32, in the order of their numbers, and the sums of parts are added within ±(2^31 - 1): the
/// result is the same on any number of threads. A sum that saturates is a thousand times its deviation without signal.
final class VoteCounter: @unchecked Sendable {
    private let kernel: Kernel
    private let pool: WorkerPool
    private let units: [Unit]
    private let workers: [Worker]
    /// The terms of voters that are summed at once, at most; ``exactTerms(_:)`` unless a test has less.
    private let mostTerms: Int
    /// r: the terms of a matrix' noise vote like as many pairs of the same fitness.
    private let rank: NoiseRank
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

    /// What a thread owns: the factors of a chunk of pairs and their fitness, the kernel's scratch, and the sums of a part
    /// where there are several.
    private struct Worker {
        let a, b: Int8Rows
        let fitness: AlignedBuffer<Int8>
        let scratch: AlignedBuffer<UInt8>
        let part: AlignedBuffer<Int32>
    }

    /// The most terms of voters whose votes fit Int32.
    static func exactTerms(_ form: FitnessForm) -> Int {
        Int(Int32.max) / (form.largestScaled(NormalMagnitudes.largest) * NormalMagnitudes.largest)
    }

    /// Makes a counter of the votes of the weights in `slice`, for a population of `pairs` pairs. It leaves the head to
    /// others unless `countsHead` says otherwise.
    init(
        layout: ParameterLayout, slice: WeightSlice, countsHead: Bool = true, pairs: Int,
        rank: NoiseRank = .one, kernel: Kernel, pool: WorkerPool, mostTerms: Int = .max
    ) {
        self.kernel = kernel
        self.pool = pool
        self.rank = rank
        self.mostTerms = mostTerms
        voters = AlignedBuffer(count: pairs)
        voterFitness = AlignedBuffer(count: pairs)
        let tensors = layout.tensors.filter { countsHead || $0.id != layout.head }
        let units = Self.units(tensors, slice, threads: pool.threads)
        let columns = layout.tensors.map(\.columns).max() ?? 0
        let left = units.map(\.rows.count).max() ?? 0
        let hasParts = pairs * rank.terms > min(mostTerms, Self.exactTerms(.magnitude8))
        let part = hasParts ? units.map(\.size).max() ?? 0 : 0
        self.units = units
        workers = (0..<pool.threads).map { _ in
            Worker(
                a: Int8Rows(rows: Self.chunkPairs, width: left),
                b: Int8Rows(rows: Self.chunkPairs, width: columns),
                fitness: AlignedBuffer(count: Self.chunkPairs),
                scratch: AlignedBuffer(
                    count: kernel.table.pointee.vote_scratch(Int32(columns))),
                part: AlignedBuffer(count: part))
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
        votes.rank = rank
        gatherVoters(fitness)
        pool.run(units.count) { index, worker in
            let unit = units[index]
            let output = votes.values[unit.tensor.id].pointer + unit.firstWeight
            count(unit, fitness.form, source, workers[worker], into: output)
        }
    }

    /// Writes the votes of one unit.
    private func count(
        _ unit: Unit, _ form: FitnessForm, _ source: some PerturbationSource, _ worker: Worker,
        into output: UnsafeMutablePointer<Int32>
    ) {
        output.update(repeating: 0, count: unit.size)
        let (terms, size) = (voterCount * terms(of: unit), min(mostTerms, Self.exactTerms(form)))
        guard terms > size else {
            return add(0..<terms, of: unit, form, source, worker, to: output)
        }
        for first in stride(from: 0, to: terms, by: size) {
            let part = worker.part.pointer
            part.update(repeating: 0, count: unit.size)
            add(first..<min(first + size, terms), of: unit, form, source, worker, to: part)
            for i in 0..<unit.size { output[i] = Self.saturatingSum(output[i], part[i]) }
        }
    }

    /// The sum of two votes, within ±(2^31 - 1).
    static func saturatingSum(_ first: Int32, _ second: Int32) -> Int32 {
        let sum = Int64(first) + Int64(second)
        return Int32(max(-Int64(Int32.max), min(Int64(Int32.max), sum)))
    }

    /// The terms that a voter has for a unit's tensor: they follow each other, and a vector's noise has one.
    private func terms(of unit: Unit) -> Int { rank.of(unit.tensor.kind).terms }

    /// Adds the votes of some terms of all voters.
    private func add(
        _ terms: Range<Int>, of unit: Unit, _ form: FitnessForm, _ source: some PerturbationSource,
        _ worker: Worker, to output: UnsafeMutablePointer<Int32>
    ) {
        for start in stride(from: terms.lowerBound, to: terms.upperBound, by: Self.chunkPairs) {
            let chunk = start..<min(start + Self.chunkPairs, terms.upperBound)
            fill(worker, unit, chunk, source)
            add(unit, chunk.count, Int32(form.shift), worker, output)
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

    /// Generates the factors of a chunk of voters' terms.
    private func fill(
        _ worker: Worker, _ unit: Unit, _ chunk: Range<Int>, _ source: some PerturbationSource
    ) {
        let terms = terms(of: unit)
        for (index, number) in chunk.enumerated() {
            let (voter, term) = number.quotientAndRemainder(dividingBy: terms)
            let pair = Int(voters.pointer[voter])
            worker.fitness.pointer[index] = voterFitness.pointer[voter]
            source.fill(
                worker.a.row(index), tensor: unit.tensor.id, side: .a, pair: pair, term: term,
                first: unit.rows.lowerBound, count: unit.rows.count)
            source.fill(
                worker.b.row(index), tensor: unit.tensor.id, side: .b, pair: pair, term: term,
                first: 0, count: unit.tensor.columns)
        }
    }

    /// Adds the votes of a chunk of terms.
    private func add(
        _ unit: Unit, _ terms: Int, _ shift: Int32, _ worker: Worker,
        _ output: UnsafeMutablePointer<Int32>
    ) {
        let (fitness, count) = (worker.fitness.pointer, Int32(terms))
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
