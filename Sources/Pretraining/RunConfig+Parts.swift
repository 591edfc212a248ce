import EvolutionStrategy
import IntegerTensor
import RecurrentLM

/// The one place that knows which type a name in a config stands for.
extension RunConfig {
    /// The estimator that the config names, in its first state.
    func makeEstimator(
        parameters: Parameters, kernel: Kernel, pool: WorkerPool, division: WorkDivision
    ) -> any Estimator {
        switch estimator {
        case .weights:
            WeightPerturbation(
                population: population, loss: loss, fitness: fitness, parameters: parameters,
                seed: seed, kernel: kernel, pool: pool, division: division)
        case .activations(let settings):
            ActivationPerturbation(
                population: population, settings: settings, parameters: parameters, seed: seed,
                kernel: kernel, pool: pool, division: division)
        }
    }

    /// The update rule that the config names, in its first state.
    func makeRule(parameters: Parameters, pool: WorkerPool) -> any UpdateRule {
        switch update {
        case .threshold(let schedule): ThresholdRule(schedule: schedule, pool: pool)
        case .residual(let schedule):
            ResidualRule(schedule: schedule, parameters: parameters, pool: pool)
        case .momentum(let schedule):
            MomentumRule(schedule: schedule, parameters: parameters, pool: pool)
        }
    }
}
