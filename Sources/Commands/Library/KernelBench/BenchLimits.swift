import EvolutionStrategy
import IntegerTensor
import RecurrentLM

/// What can be measured: shapes and populations that the arithmetic allows and the machine can hold.
enum BenchLimits {
    /// Bytes for each weight: the weight itself and packed for the kernels, its Int32 vote and its Int32
    /// residual.
    private static let bytesPerWeight = 10

    /// Checks before memory is asked for, since an allocation that fails ends the process.
    /// - Throws: `UsageError` naming `--shape`, `--contexts`, `--context-rows`, `--population` or `--tokens`.
    static func check(
        _ config: ModelConfig, _ population: Population, threads: Int
    ) throws(UsageError) {
        do throws(ModelError) { try config.validate() } catch {
            let flags = [
                "model.contexts": "--contexts", "model.contextRows": "--context-rows",
            ]
            throw usage(flags[error.location] ?? "--shape", error)
        }
        do throws(ModelError) {
            try population.validate(for: config, loss: .fine)
        } catch {
            let isOfTokens = error.location == "population.segmentTokens"
            throw usage(isOfTokens ? "--tokens" : "--population", error)
        }
        // The ranges checked above keep all of this below 2^50.
        let needed =
            ParameterLayout(config).parameterCount * bytesPerWeight
            + population.rows * config.layers * paddedWidth(config.hidden)
            + population.streams * (population.segmentTokens + 1) + config.contextBytes
            + config.contextTrainingBytes + population.creditBytes(config)
        let demand = MemoryDemand(
            inUse: needed,
            mapped: needed + needed / 8 + threads * population.mostBlockBytes(config),
            threads: threads)
        guard let shortage = demand.shortage() else { return }
        throw UsageError(
            flag: "--shape",
            finding: "\(config.layers)x\(config.hidden)x\(config.mlpWidth) with \(population.size) "
                + "members needs \(shortage.finding)",
            remedy: "use a smaller shape or a smaller --population" + shortage.otherRemedy)
    }

    private static func usage(_ flag: String, _ error: ModelError) -> UsageError {
        UsageError(
            flag: flag, finding: "\(error.location): \(error.finding)", remedy: error.remedy)
    }
}
