import EvolutionStrategy
import IntegerTensor
import RecurrentLM

/// Pure batch inference: the rows of a population through the unperturbed model, each with its state, and nothing else.
/// No noise, votes or update; the likelihoods are those that training computes too.
final class BatchInference: @unchecked Sendable {
    private let population: Population
    private let pool: WorkerPool
    private let schedule: BlockSchedule
    private let states: HiddenStates
    private let workers: [Worker]

    /// What a thread owns.
    private struct Worker {
        let block: BlockForward
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
        let length = population.segmentTokens + 1
        workers = (0..<pool.threads).map { _ in
            Worker(
                block: BlockForward(model: model, capacity: schedule.capacity),
                tokens: AlignedBuffer(StepWorkload.tokens(length)),
                scores: AlignedBuffer(count: schedule.capacity))
        }
    }

    /// Reads as many tokens as a training step of the population.
    func run() {
        pool.run(schedule.blocks.count) { index, worker in
            let (rows, worker) = (schedule.blocks[index], workers[worker])
            worker.scores.zero()
            worker.block.begin(rows: rows.count, states: states, firstState: rows.lowerBound)
            for time in 0..<population.segmentTokens {
                // All rows read the same text: a stride of 0.
                let text = worker.tokens.pointer + time
                worker.block.step(text, stride: 0)
                worker.block.addLogLikelihood(text + 1, stride: 0, to: worker.scores.pointer)
            }
        }
    }
}
