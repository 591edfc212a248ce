import IntegerTensor
import RecurrentLM
import TokenShards

/// Counts the votes of ``EggrollEstimator`` from fitness that was kept, without a forward pass.
public final class FitnessReplay: VoteReplay {
    private let population: Population
    private let seed: UInt64
    private let kernel: Kernel
    private let counter: VoteCounter
    /// Counts the credits of contexts' rows; nil for a model without contexts.
    private let contextCounter: ContextVoteCounter?

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
            rank: population.rank, kernel: kernel, pool: pool)
        contextCounter = ContextVoteCounter(
            population, layout: layout, kernel: kernel, pool: pool)
    }

    /// Writes the votes that the step, counted from 0, had when its directions had this fitness. Segments come in
    /// order, from the first of the run on.
    public func count(_ fitness: Fitness, on segment: Segment?, step: Int, into votes: Votes) {
        let source = SeededPerturbations(
            kernel: kernel, seed: seed, epoch: population.noiseEpoch(step: step))
        counter.count(fitness, source: source, into: votes)
        guard let segment, let contextCounter else { return }
        votes.contexts = ContextCredits(
            inputs: contextCounter.count(fitness, on: segment, source: source), logits: nil)
    }
}
