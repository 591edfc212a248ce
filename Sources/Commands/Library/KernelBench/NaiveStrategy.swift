import CKernels
import EvolutionStrategy
import FixedPoint
import IntegerTensor
import RecurrentLM
import SeededNoise

/// Evolution strategies as one would write them first: each member has noise of full rank on every weight and a copy
/// of the model with it, which reads its text alone; the votes are Σ F·E over the same noise, drawn again. The
/// kernels, the generator and the model are those of EGGROLL.
final class NaiveStrategy: @unchecked Sendable {
    /// When a member's noise is drawn.
    enum Drawing: String, CaseIterable {
        /// Once a segment; the member's weights are kept for it.
        case stored
        /// Again at each token, as where there is no memory for every member's weights.
        case everyToken = "redrawn"
    }

    private let population: Population
    private let kernel: Kernel
    private let pool: WorkerPool
    private let drawing: Drawing
    private let parameters: Parameters
    private let workers: [Worker]

    /// What a thread owns: both members of a pair with their weights, text and scores, and noise for any tensor.
    private struct Worker {
        let members: [Member]
        let tokens: AlignedBuffer<UInt8>
        let noise, ones: Int8Rows
        /// The weights of both members for one tensor. [2][count]
        let weights: Int8Rows
        let votes: AlignedBuffer<Int32>
    }

    /// A copy of the model.
    private final class Member {
        var parameters: Parameters
        let model: PreparedModel
        let block: BlockForward
        let states: HiddenStates
        let score = AlignedBuffer<Int32>(count: 1)

        init(_ parameters: Parameters, _ kernel: Kernel) {
            self.parameters = parameters
            model = PreparedModel(parameters, kernel: kernel, loss: .fine)
            block = BlockForward(model: model, capacity: 1)
            states = HiddenStates(rows: 1, config: parameters.config)
        }
    }

    /// - Parameters:
    ///   - population: The members and what they read.
    ///   - drawing: When noise is drawn.
    init(
        _ workload: StepWorkload, _ population: Population, pool: WorkerPool, drawing: Drawing
    ) {
        self.population = population
        kernel = workload.kernel
        self.pool = pool
        self.drawing = drawing
        let parameters = Parameters(config: workload.config, seed: 1)
        self.parameters = parameters
        let largest = parameters.layout.tensors.map(\.count).max() ?? 0
        let length = population.segmentTokens + 1
        workers = (0..<pool.threads).map { _ in
            let ones = Int8Rows(rows: 1, width: largest)
            ones.setRow(0, to: [Int8](repeating: 1, count: largest)[...])
            return Worker(
                members: (0..<2).map { _ in Member(parameters, workload.kernel) },
                tokens: AlignedBuffer(BenchText.bytes(length)),
                noise: Int8Rows(rows: 1, width: largest), ones: ones,
                weights: Int8Rows(rows: 2, width: largest),
                votes: AlignedBuffer(count: parameters.layout.parameterCount))
        }
    }

    /// A step of the population: the members of all pairs over a segment, and the votes of each pair.
    func run() {
        pool.run(population.directions) { pair, worker in evaluate(pair, workers[worker]) }
    }

    private func evaluate(_ pair: Int, _ worker: Worker) {
        for member in worker.members {
            member.score.zero()
            member.states.reset()
            member.block.begin(rows: 1, states: member.states, firstState: 0)
        }
        if drawing == .stored { perturb(worker, pair) }
        for time in 0..<population.segmentTokens {
            if drawing == .everyToken { perturb(worker, pair) }
            let text = worker.tokens.pointer + time
            for member in worker.members {
                member.block.step(text, stride: 0)
                member.block.addLogLikelihood(text + 1, stride: 0, to: member.score.pointer)
            }
        }
        let scores = worker.members.map { $0.score.pointer[0] }
        vote(worker, pair, (scores[0] - scores[1]).signum())
    }

    /// Gives both members the weights clip(w ± E/16).
    private func perturb(_ worker: Worker, _ pair: Int) {
        let table = kernel.table.pointee
        for tensor in parameters.layout.tensors {
            let count = tensor.count
            draw(worker, tensor, pair)
            table.scale_noise(1, Int32(count), 1, worker.noise.output())
            for index in worker.members.indices {
                worker.weights.setRow(index, to: parameters.values[tensor.id][...])
            }
            table.perturb(1, Int32(count), worker.noise.input(), worker.weights.output())
            for (index, member) in worker.members.enumerated() {
                member.parameters.values[tensor.id].withUnsafeMutableBufferPointer { weights in
                    weights.baseAddress?.update(from: worker.weights.row(index), count: count)
                }
            }
        }
        for member in worker.members { member.model.update(from: member.parameters) }
    }

    private func draw(_ worker: Worker, _ tensor: ParameterSpec, _ pair: Int) {
        let key = NoiseKey(
            seed: 1, domain: .perturbation, stream: UInt32(tensor.id), index: UInt32(pair))
        kernel.fillNoise(key, first: 0, count: tensor.count, into: worker.noise.row(0))
    }

    /// Adds F·E to the votes of the worker.
    private func vote(_ worker: Worker, _ pair: Int, _ fitness: Int32) {
        var value = Int8(fitness)
        var first = 0
        for tensor in parameters.layout.tensors {
            draw(worker, tensor, pair)
            kernel.table.pointee.vector_votes(
                1, Int32(tensor.count), worker.noise.input(), worker.ones.input(), &value, 0,
                worker.votes.pointer + first)
            first += tensor.count
        }
    }
}
