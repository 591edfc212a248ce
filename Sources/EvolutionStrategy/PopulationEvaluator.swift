import IntegerTensor
import RecurrentLM
import TokenShards

/// Runs the forward pass of every member of a population over a segment, on all threads.
///
/// The rows (member × sequence) are cut into blocks (``BlockSchedule``); a thread takes a block, reads
/// all its tokens, then takes the next. Each row keeps its hidden state from segment to segment.
public final class PopulationEvaluator: @unchecked Sendable {
    public let population: Population
    public let states: HiddenStates
    private let model: PreparedModel
    private let pool: WorkerPool
    private let schedule: BlockSchedule
    private let workers: [Worker]
    /// One score a row, in the model's resolution.
    private let rowScores: AlignedBuffer<Int32>

    /// What a thread owns.
    private struct Worker {
        let block: BlockForward
        /// [T + 1][rows of the block]
        let tokens: AlignedBuffer<UInt8>
    }

    public init(population: Population, model: PreparedModel, pool: WorkerPool) {
        self.population = population
        self.model = model
        self.pool = pool
        states = HiddenStates(rows: population.rows, config: model.config)
        rowScores = AlignedBuffer(count: population.rows)
        let schedule = BlockSchedule(
            rows: population.rows, blockRows: Int(model.kernel.table.pointee.block_rows),
            threads: pool.threads)
        self.schedule = schedule
        workers = (0..<pool.threads).map { _ in
            Worker(
                block: BlockForward(model: model, capacity: schedule.capacity),
                tokens: AlignedBuffer(count: schedule.capacity * (population.segmentTokens + 1)))
        }
    }

    /// The score of every member: Σ of log-likelihoods over its tokens, in the model's resolution.
    public func scores(_ segment: Segment, source: some PerturbationSource) -> [Int32] {
        if segment.startsOver { states.reset() }
        rowScores.zero()
        segment.tokens.withUnsafeBufferPointer { tokens in
            pool.run(schedule.blocks.count) { block, worker in
                evaluate(schedule.blocks[block], tokens, workers[worker], source)
            }
        }
        let sequences = population.sequencesPerMember
        if sequences == 1 { return Array(rowScores.span) }
        return (0..<population.size).map { member in
            rowScores.span[member * sequences..<(member + 1) * sequences].reduce(0, +)
        }
    }

    private func evaluate(
        _ rows: Range<Int>, _ tokens: UnsafeBufferPointer<UInt8>, _ worker: Worker,
        _ source: some PerturbationSource
    ) {
        let length = population.segmentTokens
        transpose(rows, tokens, into: worker.tokens.pointer)
        worker.block.begin(
            rows: rows, sequences: population.sequencesPerMember, source: source,
            sigmaShift: population.sigmaShift, states: states)
        for time in 0..<length {
            let inputs = worker.tokens.pointer + time * rows.count
            worker.block.step(inputs, stride: 1)
            worker.block.addLogLikelihood(
                inputs + rows.count, stride: 1, to: rowScores.pointer + rows.lowerBound)
        }
    }

    /// Gathers the tokens of the block's rows, one row of the result for each time.
    private func transpose(
        _ rows: Range<Int>, _ tokens: UnsafeBufferPointer<UInt8>,
        into output: UnsafeMutablePointer<UInt8>
    ) {
        let width = population.segmentTokens + 1
        for (index, row) in rows.enumerated() {
            let start = population.stream(row: row) &* width
            for time in 0..<width { output[time &* rows.count &+ index] = tokens[start &+ time] }
        }
    }
}
