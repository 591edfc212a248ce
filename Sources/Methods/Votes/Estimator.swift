import IntegerTensor
import RecurrentLM
import TokenShards

/// What one evaluation of a population says of the model.
public struct Estimate: Sendable {
    /// Σ of the log-likelihoods of all member tokens, in units of `loss` (not positive).
    public let logLikelihood: Int64
    public let loss: LossResolution
    /// Member tokens behind the sum.
    public let memberTokens: Int
    /// How often scores were compared: once a step for each direction with scores of segments, at every
    /// token with losses of single tokens.
    public let comparisons: Int
    /// Comparisons that found no difference.
    public let ties: Int
    /// What this process took to evaluate its share. No result depends on it.
    public var evaluationMicroseconds = 0
    /// What the votes were made of; nil where they do not follow from the fitness of directions.
    public var fitness: Fitness? = nil
}

/// What the votes of a step can be had from again, without its evaluation.
public enum VoteOrigin: Equatable, Sendable {
    /// The fitness of this many directions and the seed: ``Estimate/fitness`` is all there is to keep.
    case fitness(FitnessForm, directions: Int)
    /// Nothing but another evaluation: votes can be compared with a digest, not replayed.
    case evaluation
}

/// A part of an estimator's or rule's state, as a checkpoint stores it.
public enum StateValues: Equatable, Sendable {
    case int8([Int8])
    case int32([Int32])
}

extension ParameterLayout {
    /// A rule's state of one Int32 a weight: by tensor, named `prefix` and the tensor's name.
    func state(_ values: [[Int32]], prefix: String) -> [(name: String, values: StateValues)] {
        tensors.map { (prefix + $0.name, .int32(values[$0.id])) }
    }

    /// Such a state, by tensor id.
    /// - Parameter what: What the values are, for the message.
    /// - Throws: ``ModelError`` naming a tensor whose values are missing or of another count.
    func values(
        of state: [String: StateValues], prefix: String, what: String
    ) throws(ModelError) -> [[Int32]] {
        var values: [[Int32]] = []
        for tensor in tensors {
            guard case .int32(let stored) = state[prefix + tensor.name],
                stored.count == tensor.count
            else {
                throw ModelError(
                    tensor.name, "its \(what) do not fit the model",
                    remedy: "resume with the config that the checkpoint was made with")
            }
            values.append(stored)
        }
        return values
    }
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
    /// Whose directions are spread over the processes of a run, each a piece of work of the same size.
    var sharedWork: Population { get }

    /// What its votes can be had from again; ``VoteOrigin/evaluation`` unless it says otherwise.
    var voteOrigin: VoteOrigin { get }

    /// Evaluates `segment` and writes the votes of the step.
    /// - Precondition: `segment` has the shape above; `votes` that of `parameters`.
    func estimate(
        _ segment: Segment, parameters: Parameters, step: Int, votes: Votes
    ) -> Estimate

    /// What a run needs besides the weights to continue: names and values.
    ///
    /// Where processes share the work, all must ask for it together (it is collective), and only rank 0 gets
    /// the values of the whole population.
    var state: [(name: String, values: StateValues)] { get }

    /// Takes over a state that ``state`` gave: that of the whole population, of which a process keeps its
    /// share.
    /// - Throws: ``ModelError`` naming the part that is missing or of another size.
    func restore(_ state: [String: StateValues]) throws(ModelError)
}

extension Estimator {
    public var voteOrigin: VoteOrigin { .evaluation }
}

/// E of every weight: how far the step's evidence says to raise it. From noise on the weights
/// Σ_p F_p·A_p⊗B_p for matrices, Σ_p F_p·(a_p·b_p) for vectors; from noise on the activations the sum over
/// groups and tokens of credit times input.
///
/// Int32; the bound, with P directions P·66² (signs) or P·127·66 (magnitudes), or with Q groups Q·T·127², is checked when
/// a config loads.
public final class Votes: @unchecked Sendable {
    public let layout: ParameterLayout
    /// By tensor id, row-major without padding.
    public let values: [AlignedBuffer<Int32>]
    /// P, the directions that voted, of noise on the weights.
    public var pairs = 0
    /// The RMS that a vote has when the fitness carries no signal.
    public var noSignalRMS: Int64 = 1

    public init(layout: ParameterLayout) {
        self.layout = layout
        values = layout.tensors.map { AlignedBuffer(count: $0.count) }
    }
}
