import IntegerTensor
import RecurrentLM
import TokenShards

/// What one evaluation of a population says of the model.
public struct Estimate: Sendable {
    /// The sum of the log-likelihoods of all member tokens, in units of ``loss``; not positive.
    public let logLikelihood: Int64
    /// The unit of ``logLikelihood``.
    public let loss: LossResolution
    /// The number of member tokens that the sum is over.
    public let memberTokens: Int
    /// How often scores were compared: once a step for each direction where scores are of segments, at every token
    /// where they are losses of single tokens.
    public let comparisons: Int
    /// Comparisons that found no difference.
    public let ties: Int
    /// How long this process took to evaluate its slice. No result depends on it.
    public var evaluationMicroseconds = 0

    /// Collects what a step's evaluation found.
    public init(
        logLikelihood: Int64, loss: LossResolution, memberTokens: Int, comparisons: Int, ties: Int,
        evaluationMicroseconds: Int = 0
    ) {
        self.logLikelihood = logLikelihood
        self.loss = loss
        self.memberTokens = memberTokens
        self.comparisons = comparisons
        self.ties = ties
        self.evaluationMicroseconds = evaluationMicroseconds
    }
}

/// What the votes of a step can be had from again, without its evaluation.
public enum VoteOrigin: Equatable, Sendable {
    /// They follow from the fitness of this many directions and the seed: ``Votes/fitness`` is all there is to keep.
    case fitness(FitnessForm, directions: Int)
    /// They can be had from another evaluation only: they can be compared with a digest, not replayed.
    case evaluation
}

/// Named values of an estimator, as a checkpoint stores them: tensors `estimator.NAME`.
public typealias EstimatorState = [String: StateValues]

/// A part of an estimator's state.
public enum StateValues: Equatable, Sendable {
    /// Values of 8 bits.
    case int8([Int8])
    /// Values of 32 bits.
    case int32([Int32])
}

/// A source of votes: reads a segment of the corpus and says, for each weight, which way to move it.
///
/// The trainer, the update rules, the log and the checkpoints know only this protocol.
public protocol Estimator: AnyObject {
    /// Sequences that a segment must hold.
    var streams: Int { get }
    /// T, tokens that a segment must hold.
    var segmentTokens: Int { get }
    /// Multiply-accumulates of a step.
    var multiplyAccumulatesPerStep: Int { get }
    /// The population whose directions are spread over the processes of a run, each a piece of work of the same size.
    var sharedWork: Population { get }

    /// Evaluates `segment` and writes the votes of the step.
    /// - Precondition: `segment` has the shape above; `votes` has that of `parameters`.
    func estimate(
        _ segment: Segment, parameters: Parameters, step: Int, votes: Votes
    ) -> Estimate

    /// What a run needs besides the weights to continue.
    ///
    /// Where processes share the work, all must ask for it together (it is collective), and only rank 0 gets
    /// the values of the whole population.
    var state: EstimatorState { get }

    /// Restores a state that ``state`` gave. It is that of the whole population, of which a process keeps its
    /// slice.
    /// - Throws: `ModelError` naming the part that is missing or of another size.
    func restore(_ state: EstimatorState) throws(ModelError)
}

/// Counts the votes of a step from fitness that was kept, without a forward pass.
public protocol VoteReplay: AnyObject {
    /// Writes the votes that the step, counted from 0, had when its directions had this fitness.
    /// - Parameters:
    ///   - fitness: The fitness of all directions.
    ///   - segment: What the step has read; it tells which rows the contexts chose, and nothing else. Nil for a model
    ///     without contexts.
    ///   - step: The step.
    ///   - votes: Where the votes go.
    func count(_ fitness: Fitness, on segment: Segment?, step: Int, into votes: Votes)
}
