import FixedPoint
import IntegerTensor
import RecurrentLM

/// What an update did.
public struct UpdateReport: Sendable {
    /// Weights whose value changed.
    public let changed: Int
    /// All weights.
    public let total: Int
    /// How far the step went.
    public let pace: UpdatePace

    /// What an update did to `changed` of `total` weights.
    public init(changed: Int, total: Int, pace: UpdatePace) {
        self.changed = changed
        self.total = total
        self.pace = pace
    }
}

/// What the schedule of a rule says of a step, for the log.
public struct UpdatePace: Equatable, Sendable {
    /// What the number is, such as `rate` or `threshold`.
    public let name: String
    /// The number in units of 1/`one`.
    public let value: Int64
    /// The number that stands for 1 in ``value``.
    public let one: Int64
    /// The number of decimals that the log shows.
    public let decimals: Int

    /// Makes a pace of any name, in units of 1/`one`.
    public init(_ name: String, _ value: Int64, over one: Int64, decimals: Int = 6) {
        self.name = name
        self.value = value
        self.one = one
        self.decimals = decimals
    }

    /// Makes the pace of a rate with 32 fraction bits.
    public init(rate: Int64) { self.init("rate", rate, over: RateSchedule.one) }

    /// The number in decimal digits.
    /// - Parameter most: The most decimals; as many as the log has unless given.
    public func text(decimals most: Int = .max) -> String {
        DecimalText.format(value, over: one, decimals: min(most, decimals))
    }
}

/// Values of a rule, one for each weight: by name, then by tensor id as the layout counts them. A checkpoint stores the
/// tensor `rule.NAME.TENSOR`; a name has no dot.
public typealias WeightState = [String: [[Int32]]]

/// Moves weights by votes.
public protocol UpdateRule: AnyObject {
    /// Moves the weights of a step, counted from 0.
    func apply(_ votes: Votes, to parameters: inout Parameters, step: Int) -> UpdateReport

    /// What a run needs besides the weights to continue.
    var state: WeightState { get }

    /// Restores a state that ``state`` gave.
    /// - Throws: `ModelError` naming what is missing or of another size.
    func restore(_ state: WeightState) throws(ModelError)
}

extension UpdateRule {
    /// No state.
    public var state: WeightState { [:] }
    /// Does nothing, as there is no state.
    public func restore(_ state: WeightState) throws(ModelError) {}
}

extension ParameterLayout {
    /// The values of one name in a rule's state, by tensor id.
    /// - Throws: `ModelError` naming the first tensor whose values are missing or of another count.
    public func values(_ name: String, in state: WeightState) throws(ModelError) -> [[Int32]] {
        let stored = state[name] ?? []
        for tensor in tensors
        where tensor.id >= stored.count || stored[tensor.id].count != tensor.count {
            throw ModelError(
                tensor.name, "the rule's \(name) values do not fit the model",
                remedy: "resume with the config that the checkpoint was made with")
        }
        return stored
    }
}
