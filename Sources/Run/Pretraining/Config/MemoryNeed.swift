import Diagnostics
import EvolutionStrategy
import FixedPoint
import IntegerTensor
import RecurrentLM

/// A run that this machine, or a limit on this process, cannot hold. It is found before memory is asked for, since an
/// allocation that fails ends the process.
public struct MemoryError: UserError {
    /// The sections of the config that decide how much is needed.
    public let location = "model and population"
    /// What was found there.
    public let finding: String
    /// What to do about it.
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
    /// The bytes for each weight: the weight itself and a checkpoint's copy of it, packed for training and
    /// for validation, and its Int32 votes.
    private static let bytesPerWeight = 8
    /// The bytes of the fine weight and the momentum, for each weight that a method learns besides the model's.
    private static let bytesPerLearnedWeight = 8
    /// The number of times that states are held: themselves, and two copies while a checkpoint is written.
    private static let copiesOfStates = 3
    /// The number of times that fine weights and momenta are held: themselves, and a copy while a checkpoint is
    /// written.
    private static let copiesOfResiduals = 2
    /// More bytes than the header of a training state takes.
    private static let headerBytes = 1 << 20

    /// The fewest bytes of the weights, of the members' hidden states and scores and of what each of the threads works
    /// with; some 2^60 at most within the ranges of a config.
    static func bytes(_ config: RunConfig, threads: Int) -> Int {
        let method = config.method.memory(for: config.model, threads: threads)
        let states =
            method.stateRows * config.model.layers * paddedWidth(config.model.hidden)
        let perWeight = bytesPerWeight + copiesOfResiduals * config.method.rule.bytesPerWeight
        let perLearnedWeight = bytesPerWeight + copiesOfResiduals * bytesPerLearnedWeight
        return ParameterLayout(config.model).parameterCount * perWeight
            + method.learnedWeights * perLearnedWeight + states * copiesOfStates
            + method.scoreBytes + method.bytesPerThread * threads
            + contextBytes(method, config.model)
    }

    /// The bytes of the rows of contexts, and of what a step says of them.
    private static func contextBytes(_ method: MethodMemory, _ model: ModelConfig) -> Int {
        model.contextBytes + model.contextTrainingBytes + method.creditBytes
            + copiesOfStates * historyBytes(method, model)
    }

    /// The bytes of what contexts know of the text beside each hidden state.
    private static func historyBytes(_ method: MethodMemory, _ model: ModelConfig) -> Int {
        method.stateRows * HiddenStates.historyWidth(model) * MemoryLayout<Int32>.stride
    }

    /// The most bytes that the file of a run's training state has.
    static func trainingStateBytes(_ config: RunConfig) -> Int {
        let method = config.method.memory(for: config.model, threads: 1)
        return method.stateRows * config.model.stateWidth
            + ParameterLayout(config.model).parameterCount * config.method.rule.bytesPerWeight
            + method.learnedWeights * bytesPerLearnedWeight
            + config.model.contextBytes + config.model.contextTrainingBytes
            + historyBytes(method, config.model)
            + headerBytes
    }

    /// Checks that the run fits into memory with that many threads in this process; each has a trace and votes of its
    /// own.
    /// - Throws: ``MemoryError`` when the machine or a limit has less.
    static func check(
        _ config: RunConfig, threads: Int, under limits: [MemoryLimit] = MemoryLimit.all()
    ) throws(MemoryError) {
        // The threads are those that work besides the first, and the one that reads.
        let demand = MemoryDemand(
            inUse: bytes(config, threads: threads), mapped: mappedBytes(config, threads: threads),
            threads: threads)
        if let shortage = demand.shortage(under: limits) { throw MemoryError(shortage) }
    }
}
