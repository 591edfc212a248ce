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
    /// A residual of 32 bits, and as much for a momentum.
    private static let bytesPerResidual = 4
    /// The states themselves, and two copies while a checkpoint is written.
    private static let copiesOfStates = 3
    /// Residuals and momenta themselves, and a copy while a checkpoint is written.
    private static let copiesOfResiduals = 2
    /// More than the header of a training state takes.
    private static let headerBytes = 1 << 20

    /// Bytes of the weights, of the members' hidden states and scores and of what each of the threads works with, at the
    /// least; at most some 2^60 within the ranges of a config.
    static func bytes(_ config: RunConfig, threads: Int) -> Int {
        let states = stateRows(config) * config.model.layers * paddedWidth(config.model.hidden)
        let perWeight = bytesPerWeight + copiesOfResiduals * residualBytes(config)
        let perFeedbackWeight = bytesPerWeight + copiesOfResiduals * 2 * bytesPerResidual
        return ParameterLayout(config.model).parameterCount * perWeight
            + feedbackWeights(config) * perFeedbackWeight + states * copiesOfStates
            + scoreBytes(config) + traceBytes(config) * threads
    }

    /// Hidden states: one a member's sequence, or one a group that reads one sequence from one state.
    private static func stateRows(_ config: RunConfig) -> Int {
        switch config.estimator {
        case .weights: config.population.stateRows
        case .activations: config.population.groups
        }
    }

    /// The scores of noise on the weights: Int32, one a member's sequence.
    private static func scoreBytes(_ config: RunConfig) -> Int {
        switch config.estimator {
        case .weights: config.population.rows * MemoryLayout<Int32>.stride
        case .activations: 0
        }
    }

    /// The most bytes that the file of a run's training state has.
    static func trainingStateBytes(_ config: RunConfig) -> Int {
        let states = stateRows(config) * config.model.stateWidth
        let residuals = ParameterLayout(config.model).parameterCount * residualBytes(config)
        let feedback = 2 * bytesPerResidual * feedbackWeights(config)
        return states + residuals + feedback + headerBytes
    }

    private static func feedbackWeights(_ config: RunConfig) -> Int {
        guard case .activations(let settings) = config.estimator else { return 0 }
        return settings.feedbackWeights(config.model)
    }

    private static func residualBytes(_ config: RunConfig) -> Int {
        switch config.update.rule {
        case .threshold: 0
        case .residual: bytesPerResidual
        case .momentum: 2 * bytesPerResidual
        }
    }

    /// What one thread keeps of a segment, with votes of its own; at most some 2^49.
    private static func traceBytes(_ config: RunConfig) -> Int {
        guard case .activations(let settings) = config.estimator else { return 0 }
        return settings.bytesPerThread(config.model, config.population)
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
