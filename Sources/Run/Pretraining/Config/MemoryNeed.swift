import Diagnostics
import EvolutionStrategy
import FixedPoint
import IntegerTensor
import RecurrentLM

/// A run that this machine, or a limit on this process, cannot hold. Found before memory is asked for, since an
/// allocation that fails ends the process.
public struct MemoryError: UserError {
    public let location = "model and population"
    public let finding: String
    public let remedy: String

    init(_ shortage: MemoryShortage) {
        finding = "need " + shortage.finding
        remedy =
            "use a smaller model, or a smaller population.size, segmentTokens, groupSize or sequencesPerMember, or"
            + " fewer --threads" + shortage.otherRemedy
    }
}

/// The memory that a run takes.
enum MemoryNeed {
    /// Bytes for each weight: the weight itself and a checkpoint's copy of it, packed for training and
    /// for validation, and its Int32 votes.
    private static let bytesPerWeight = 8
    /// A fine weight of 32 bits and a momentum, of weights that a method learns besides the model's.
    private static let bytesPerLearnedWeight = 8
    /// The states themselves, and two copies while a checkpoint is written.
    private static let copiesOfStates = 3
    /// FineWeights and momenta themselves, and a copy while a checkpoint is written.
    private static let copiesOfResiduals = 2
    /// More than the header of a training state takes.
    private static let headerBytes = 1 << 20

    /// Bytes of the weights, of the members' hidden states and scores and of what each of the threads works with, at the
    /// least; at most some 2^60 within the ranges of a config.
    static func bytes(_ config: RunConfig, threads: Int) -> Int {
        let method = config.method.memory(for: config.model, threads: threads)
        let states =
            method.stateRows * config.model.layers * paddedWidth(config.model.hidden)
        let perWeight = bytesPerWeight + copiesOfResiduals * config.method.rule.bytesPerWeight
        let perLearnedWeight = bytesPerWeight + copiesOfResiduals * bytesPerLearnedWeight
        return ParameterLayout(config.model).parameterCount * perWeight
            + method.learnedWeights * perLearnedWeight + states * copiesOfStates
            + method.scoreBytes + method.bytesPerThread * threads
    }

    /// The most bytes that the file of a run's training state has.
    static func trainingStateBytes(_ config: RunConfig) -> Int {
        let method = config.method.memory(for: config.model, threads: 1)
        return method.stateRows * config.model.stateWidth
            + ParameterLayout(config.model).parameterCount * config.method.rule.bytesPerWeight
            + method.learnedWeights * bytesPerLearnedWeight + headerBytes
    }

    /// - Parameter threads: of this process that train; each has a trace and votes of its own.
    /// - Throws: ``MemoryError`` when the machine or a limit has less.
    static func check(
        _ config: RunConfig, threads: Int, under limits: [MemoryLimit] = MemoryLimit.all()
    ) throws(MemoryError) {
        // The threads that work besides the first, and the one that reads.
        let demand = MemoryDemand(
            inUse: bytes(config, threads: threads), mapped: mappedBytes(config, threads: threads),
            threads: threads)
        if let shortage = demand.shortage(under: limits) { throw MemoryError(shortage) }
    }
}
