import EvolutionStrategy
import IntegerTensor
import RecurrentLM

/// The one place that knows which type a name in a config stands for.
extension RunConfig {
    /// The estimator that the config names, in its first state.
    /// - Parameter share: the weights whose votes it counts, where it may leave others out.
    func makeEstimator(
        parameters: Parameters, kernel: Kernel, pool: WorkerPool, division: WorkDivision,
        share: WeightShare
    ) -> any Estimator {
        switch estimator {
        case .weights:
            WeightPerturbation(
                population: population, loss: loss, fitness: fitness, parameters: parameters,
                seed: seed, kernel: kernel, pool: pool, division: division, share: share)
        case .activations(let settings):
            ActivationPerturbation(
                population: population, settings: settings, parameters: parameters, seed: seed,
                kernel: kernel, pool: pool, division: division)
        }
    }

    /// Which weights each process updates.
    func divideUpdate(
        _ layout: ParameterLayout, among division: WorkDivision
    ) -> UpdateDivision {
        switch estimator {
        case .weights: division.update(of: layout, directions: population.directions)
        case .activations: division.update(of: layout, directions: 0)
        }
    }

    /// The update rule that the config names, in its first state.
    func makeRule(
        parameters: Parameters, pool: WorkerPool, update division: UpdateDivision
    ) -> any UpdateRule {
        let share = division.own
        let rule: any UpdateRule =
            switch update {
            case .threshold(let schedule):
                ThresholdRule(schedule: schedule, share: share, pool: pool)
            case .residual(let schedule):
                ResidualRule(schedule: schedule, parameters: parameters, share: share, pool: pool)
            case .momentum(let schedule):
                MomentumRule(schedule: schedule, parameters: parameters, share: share, pool: pool)
            }
        return division.together(rule)
    }
}
