import EvolutionStrategy
import IntegerTensor
import RecurrentLM

/// What a run makes of its method.
extension RunConfig {
    /// Decides which weights each process updates.
    func divideUpdate(
        _ layout: ParameterLayout, among division: WorkDivision
    ) -> UpdateDivision {
        division.update(of: layout, directions: method.directionsToCount)
    }

    /// The estimator of the method, in its first state.
    func makeEstimator(
        parameters: Parameters, kernel: Kernel, pool: WorkerPool, division: WorkDivision,
        slice: WeightSlice
    ) -> any Estimator {
        method.makeEstimator(
            MethodResources(
                parameters: parameters, seed: seed, kernel: kernel, pool: pool, division: division,
                slice: slice))
    }

    /// The update rule of the method, in its first state.
    func makeRule(
        parameters: Parameters, pool: WorkerPool, update division: UpdateDivision
    ) -> any UpdateRule {
        division.together(
            method.rule.makeRule(parameters: parameters, slice: division.own, pool: pool))
    }
}
