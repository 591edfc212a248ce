import IntegerTensor
import RecurrentLM

/// Counts the votes of ``EggrollEstimator`` from fitness that was kept: no data and no forward pass.
public final class FitnessReplay: VoteReplay {
    private let population: Population
    private let seed: UInt64
    private let kernel: Kernel
    private let counter: VoteCounter

    /// Prepares to count the votes of all weights.
    /// - Parameters:
    ///   - population: The population whose directions have the fitness.
    ///   - layout: The tensors of the model.
    ///   - seed: The seed of the run, from which the noise follows.
    ///   - kernel: The kernel; no result depends on it.
    ///   - pool: The threads that share the work; no result depends on them.
    public init(
        population: Population, layout: ParameterLayout, seed: UInt64, kernel: Kernel,
        pool: WorkerPool
    ) {
        self.population = population
        self.seed = seed
        self.kernel = kernel
        counter = VoteCounter(
            layout: layout, slice: WeightSlice(layout), pairs: population.directions,
            kernel: kernel, pool: pool)
    }

    /// Writes the votes that the step, counted from 0, had when its directions had this fitness.
    public func count(_ fitness: Fitness, step: Int, into votes: Votes) {
        let source = SeededPerturbations(
            kernel: kernel, seed: seed, epoch: population.noiseEpoch(step: step))
        counter.count(fitness, source: source, into: votes)
    }
}
