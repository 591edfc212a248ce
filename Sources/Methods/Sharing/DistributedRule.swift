import Processes
import RecurrentLM

/// A rule that each process applies to its slice of the weights; then all tell each other the weights that changed.
final class DistributedRule: UpdateRule {
    /// The rule, which applies itself to the weights of this process only.
    private let rule: any UpdateRule
    private let division: UpdateDivision
    /// One message for each group of as many tensors as a message can speak of.
    private let groups: [UpdateMessage]

    /// The most weights of a group; a tensor has 2^26 at most. Messages of all processes together have no
    /// more bytes.
    private static let groupWeights = 1 << 30

    init(_ rule: any UpdateRule, _ division: UpdateDivision) {
        self.rule = rule
        self.division = division
        groups = Self.groups(division.layout.tensors).map { UpdateMessage($0, division) }
    }

    private static func groups(_ tensors: [ParameterSpec]) -> [ArraySlice<ParameterSpec>] {
        var groups: [ArraySlice<ParameterSpec>] = []
        var first = 0
        var weights = 0
        for (index, tensor) in tensors.enumerated() {
            if weights + tensor.count > groupWeights, first < index {
                groups.append(tensors[first..<index])
                (first, weights) = (index, 0)
            }
            weights += tensor.count
        }
        return groups + [tensors[first...]]
    }

    /// Applies the rule to this process's weights and exchanges the changes. Collective.
    func apply(_ votes: Votes, to parameters: inout Parameters, step: Int) -> UpdateReport {
        for group in groups { group.remember(parameters) }
        let report = rule.apply(votes, to: &parameters, step: step)
        var changed = 0
        for group in groups { changed += exchange(group, &parameters) }
        return UpdateReport(changed: changed, total: report.total, pace: report.pace)
    }

    /// Gives all processes the weights of a group that changed.
    /// - Returns: How many changed in all processes.
    private func exchange(_ group: UpdateMessage, _ parameters: inout Parameters) -> Int {
        let processes = division.processes
        let own = group.find(in: parameters)
        let changes = processes.allGather(UInt64(own)).map { Int($0) }
        let sizes = changes.enumerated().map {
            group.messageBytes(changes: $0.element, rank: $0.offset)
        }
        let all = processes.allGather(group.message(own, parameters), sizes: sizes)
        for (rank, message) in all.messages(sizes: sizes).enumerated()
        where rank != processes.rank && !message.isEmpty {
            group.take(message, from: rank, into: &parameters)
        }
        return changes.reduce(0, +)
    }

    // MARK: State

    /// The rule's state, which is complete in rank 0 only. Collective.
    var state: WeightState {
        var whole: WeightState = [:]
        // The order must be the same in all processes.
        for (name, values) in rule.state.sorted(by: { $0.key < $1.key }) {
            whole[name] = division.layout.tensors.map { division.gather(values[$0.id], of: $0) }
        }
        return whole
    }

    func restore(_ state: WeightState) throws(ModelError) { try rule.restore(state) }
}
