import EvolutionStrategy
import IntegerTensor
import RecurrentLM
import TokenShards

/// Pure batch inference: the rows of a population through the unperturbed model, each with its state, and nothing else.
/// No noise, votes or update; the likelihoods are those that training computes too.
final class BatchInference: @unchecked Sendable {
    private let population: Population
    private let pool: WorkerPool
    private let schedule: BlockSchedule
    private let states: HiddenStates
    private let segment: Segment
    private let workers: [Worker]

    /// What a thread owns.
    private struct Worker {
        let block: BlockForward
        /// What the rows of the block read next.
        let tokens: AlignedBuffer<UInt8>
        let scores: AlignedBuffer<Int32>
    }

    init(_ workload: StepWorkload, pool: WorkerPool) {
        population = workload.population
        self.pool = pool
        let kernel = workload.kernel
        let model = PreparedModel(
            Parameters(config: workload.config, seed: 1), kernel: kernel, loss: .fine)
        let schedule = BlockSchedule(
            rows: population.rows, blockRows: Int(kernel.table.pointee.block_rows),
            threads: pool.threads)
        self.schedule = schedule
        states = HiddenStates(rows: population.rows, config: workload.config)
        segment = BenchText.segments(population)[0]
        workers = (0..<pool.threads).map { _ in
            Worker(
                block: BlockForward(model: model, capacity: schedule.capacity),
                tokens: AlignedBuffer(count: schedule.capacity),
                scores: AlignedBuffer(count: schedule.capacity))
        }
    }

    /// Reads as many tokens as a training step of the population.
    func run() {
        pool.run(schedule.blocks.count) { index, worker in
            let (rows, worker) = (schedule.blocks[index], workers[worker])
            worker.scores.zero()
            worker.block.begin(rows: rows.count, states: states, firstState: rows.lowerBound)
            gather(0, rows, into: worker.tokens)
            for time in 0..<population.segmentTokens {
                worker.block.step(worker.tokens.pointer, stride: 1)
                gather(time + 1, rows, into: worker.tokens)
                worker.block.addLogLikelihood(
                    worker.tokens.pointer, stride: 1, to: worker.scores.pointer)
            }
        }
    }

    /// Puts a token of each row's stream into the buffer.
    private func gather(_ time: Int, _ rows: Range<Int>, into tokens: AlignedBuffer<UInt8>) {
        for (index, row) in rows.enumerated() {
            tokens.pointer[index] =
                segment.tokens[population.stream(row: row) * (segment.length + 1) + time]
        }
    }
}
