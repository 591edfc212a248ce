import EvolutionStrategy
import IntegerTensor
import RecurrentLM

/// What can be measured: shapes and populations that the arithmetic allows and the machine can hold.
enum BenchLimits {
    /// Bytes for each weight besides the state of the rule: the weight itself and packed for the kernels, and its Int32
    /// vote.
    private static let bytesPerWeight = 6
    /// Bytes for each weight that a method learns besides the model's: the same, a fine weight and a momentum.
    private static let bytesPerLearnedWeight = bytesPerWeight + 8

    /// Checks before memory is asked for, since an allocation that fails ends the process.
    /// - Throws: `UsageError` naming `--shape`, `--contexts`, `--context-rows`, `--population` or `--tokens`.
    static func check(_ workload: StepWorkload, threads: Int) throws(UsageError) {
        let (config, population) = (workload.config, workload.population)
        do throws(ModelError) { try config.validate() } catch {
            let flags = [
                "model.contexts": "--contexts", "model.contextRows": "--context-rows",
            ]
            throw usage(flags[error.location] ?? "--shape", error)
        }
        let method = workload.method.method(population)
        do throws(ModelError) { try method.validate(for: config) } catch {
            let isOfTokens = error.location == "population.segmentTokens"
            throw usage(isOfTokens ? "--tokens" : "--population", error)
        }
        guard let shortage = demand(workload, method, threads: threads).shortage() else { return }
        let rows = config.contexts.isEmpty ? "" : ", fewer --context-rows"
        throw UsageError(
            flag: "--shape",
            finding: "\(workload.shape) with \(population.size) members needs \(shortage.finding)",
            remedy: "use a smaller shape\(rows) or a smaller --population" + shortage.otherRemedy)
    }

    /// The ranges of model and population keep all of this below 2^50.
    private static func demand(
        _ workload: StepWorkload, _ method: any Method, threads: Int
    ) -> MemoryDemand {
        let (config, population) = (workload.config, workload.population)
        let memory = method.memory(for: config, threads: threads)
        let perWeight = bytesPerWeight + method.rule.bytesPerWeight
        let needed =
            ParameterLayout(config).parameterCount * perWeight
            + memory.learnedWeights * bytesPerLearnedWeight
            + memory.stateRows * config.layers * paddedWidth(config.hidden)
            + population.streams * (population.segmentTokens + 1) + config.contextBytes
            + config.contextTrainingBytes + memory.creditBytes + threads * memory.bytesPerThread
        return MemoryDemand(
            inUse: needed, mapped: needed + needed / 8 + threads * memory.mostBlockBytes,
            threads: threads)
    }

    private static func usage(_ flag: String, _ error: ModelError) -> UsageError {
        UsageError(
            flag: flag, finding: "\(error.location): \(error.finding)", remedy: error.remedy)
    }
}
