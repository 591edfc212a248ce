import CKernels
import FixedPoint
import IntegerTensor
import RecurrentLM
import TokenShards

/// Turns fitness into credits of the rows of contexts: Σ_p F_p·A_p[context]·B_p over the directions p of a group, for
/// each context that the group's text has in the segment. Others get none: no direction has tried them.
///
/// The credits follow from fitness, seed and text, without a forward pass.
final class ContextVoteCounter: @unchecked Sendable {
    private let population: Population
    private let kernel: Kernel
    private let pool: WorkerPool
    private let width: Int
    private let tensor: Int
    private let workers: [Worker]
    private let credits: RowCredits
    private(set) var histories: StreamHistories
    /// The multiplier that brings votes to the RMS of credits, 24 fraction bits; it follows the RMS of the step before.
    private(set) var multiplier: Int64 = 1 << 16

    private static let multiplierBits = 24
    private static let multiplierRange: ClosedRange<Int64> = 1...1 << 30
    private static let chunkPairs = Int(EGG_VOTE_PAIRS)
    private static let chunkRows = Int(EGG_VOTE_ROWS)

    /// What a thread owns: the factors of a chunk of directions, and the votes of a chunk of rows.
    private struct Worker {
        let a, b: Int8Rows
        let votes: AlignedBuffer<Int32>
        let scratch: AlignedBuffer<UInt8>
        let squares = AlignedBuffer<Int64>(count: 1)
    }

    /// Makes a counter for a model with contexts; nil for others.
    init?(_ population: Population, layout: ParameterLayout, kernel: Kernel, pool: WorkerPool) {
        let config = layout.config
        guard !config.contexts.isEmpty else { return nil }
        self.population = population
        self.kernel = kernel
        self.pool = pool
        width = ContextTable.inputWidth(config)
        tensor = layout.contextTensor
        histories = StreamHistories(streams: population.streams, config: config)
        credits = RowCredits(
            capacity: population.streams * population.segmentTokens * config.contexts.count,
            contextsPerSlot: 1, width: width)
        let width = width
        workers = (0..<pool.threads).map { _ in
            Worker(
                a: Int8Rows(rows: Self.chunkPairs, width: Self.chunkRows),
                b: Int8Rows(rows: Self.chunkPairs, width: width),
                votes: AlignedBuffer(count: Self.chunkRows * width),
                scratch: AlignedBuffer(count: kernel.table.pointee.vote_scratch(Int32(width))))
        }
    }

    /// The credits of a step; `fitness` is that of the whole population, and segments come in order.
    func count(
        _ fitness: Fitness, on segment: Segment, source: some PerturbationSource
    ) -> RowCredits {
        if segment.startsOver { histories.reset() }
        let slots = gatherContexts(segment)
        credits.slots = slots.last?.upperBound ?? 0
        for worker in workers { worker.squares.zero() }
        pool.run(slots.count) { group, worker in
            count(group, slots[group], fitness, source, workers[worker])
        }
        follow()
        return credits
    }

    /// Finds the contexts that each group reads, each once, in the order of their first reading.
    /// - Returns: The slots of each group.
    private func gatherContexts(_ segment: Segment) -> [Range<Int>] {
        var end = 0
        return (0..<population.groups).map { group in
            let first = end
            var seen: Set<UInt32> = []
            for sequence in 0..<population.sequencesPerMember {
                histories.read(group * population.sequencesPerMember + sequence, of: segment) {
                    hash in
                    guard seen.insert(hash).inserted else { return }
                    credits.contexts.pointer[end] = hash
                    end += 1
                }
            }
            return first..<end
        }
    }

    private func count(
        _ group: Int, _ slots: Range<Int>, _ fitness: Fitness, _ source: some PerturbationSource,
        _ worker: Worker
    ) {
        let draws = population.drawsPerGroup
        let directions = group * draws..<(group + 1) * draws
        for first in stride(from: slots.lowerBound, to: slots.upperBound, by: Self.chunkRows) {
            let rows = first..<min(first + Self.chunkRows, slots.upperBound)
            worker.votes.zero()
            for start in stride(
                from: directions.lowerBound, to: directions.upperBound, by: Self.chunkPairs)
            {
                let chunk = start..<min(start + Self.chunkPairs, directions.upperBound)
                fill(worker, chunk, rows, source)
                add(chunk, rows, fitness, worker)
            }
            scale(rows, worker)
        }
    }

    /// Generates the factors of some directions for some slots' rows.
    private func fill(
        _ worker: Worker, _ directions: Range<Int>, _ slots: Range<Int>,
        _ source: some PerturbationSource
    ) {
        var noise = kernel.rowNoise(source.rowNoise)
        for (index, direction) in directions.enumerated() {
            kernel.table.pointee.row_noise(
                Int32(slots.count), credits.contexts.pointer + slots.lowerBound, &noise,
                UInt32(direction), worker.a.row(index))
            source.fill(
                worker.b.row(index), tensor: tensor, side: .b, pair: direction, term: 0, first: 0,
                count: width)
        }
    }

    /// Adds the votes of some directions, whose sum over a group is within the bound of all votes.
    private func add(
        _ directions: Range<Int>, _ slots: Range<Int>, _ fitness: Fitness, _ worker: Worker
    ) {
        fitness.values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            kernel.table.pointee.votes(
                Int32(directions.count), Int32(slots.count), Int32(width), worker.a.input(),
                worker.b.input(), base + directions.lowerBound, Int32(fitness.form.shift),
                worker.votes.pointer, width, worker.scratch.pointer)
        }
    }

    /// Brings votes to credits: clip((vote · multiplier + 2^23) >> 24).
    private func scale(_ slots: Range<Int>, _ worker: Worker) {
        let half: Int64 = 1 << Int64(Self.multiplierBits - 1)
        var squares: Int64 = 0
        for (index, slot) in slots.enumerated() {
            let votes = worker.votes.pointer + index * width
            let credit = credits.credits.row(slot)
            for i in 0..<width {
                let scaled = (Int64(votes[i]) &* multiplier &+ half) >> Int64(Self.multiplierBits)
                let value = min(127, max(-127, scaled))
                squares &+= value &* value
                credit[i] = Int8(truncatingIfNeeded: value)
            }
        }
        worker.squares.pointer[0] += squares
    }

    /// Sets the multiplier of the next step by the RMS of this step's credits; a step without any leaves it as it is.
    private func follow() {
        let squares = workers.reduce(Int64(0)) { $0 + $1.squares.pointer[0] }
        guard squares > 0 else { return }
        let count = Int64(credits.slots * width)
        // In sixteenths.
        let rms = max(1, Int64(integerSquareRoot(UInt64(squares / count * 256))))
        let next = (multiplier * CreditScales.creditRMS * 16 + rms / 2) / rms
        multiplier = min(
            Self.multiplierRange.upperBound, max(Self.multiplierRange.lowerBound, next))
    }

    // MARK: State

    private static let historiesName = "histories"
    private static let multiplierName = "contexts.multiplier"

    /// The histories of the streams, and the multiplier.
    var state: EstimatorState {
        [
            Self.historiesName: .int32(histories.values),
            Self.multiplierName: .int32([Int32(multiplier)]),
        ]
    }

    /// Restores ``state``.
    /// - Throws: `ModelError` where it does not fit the population.
    func restore(_ state: EstimatorState) throws(ModelError) {
        guard case .int32(let values) = state[Self.historiesName],
            case .int32(let multiplier) = state[Self.multiplierName], multiplier.count == 1,
            Self.multiplierRange.contains(Int64(multiplier[0])), histories.restore(values)
        else {
            throw ModelError(
                Self.historiesName, "the histories of the contexts do not fit the population",
                remedy: "resume with the config that the checkpoint was made with")
        }
        self.multiplier = Int64(multiplier[0])
    }
}
