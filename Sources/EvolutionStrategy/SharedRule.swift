import IntegerTensor
import Processes
import RecurrentLM

/// A rule of which each process applies its share; then all tell each other the weights that changed.
///
/// A message is those of one process: each as its place among the process's weights (4 bytes) and its new
/// value (1 byte), or all of the process's weights where that is shorter. All know which from the number of
/// changes, which is told first.
final class SharedRule: UpdateRule {
    /// Applies itself to the weights of this process only.
    private let rule: any UpdateRule
    private let division: UpdateDivision
    /// The tensors in groups that fit a message.
    private let groups: [ArraySlice<ParameterSpec>]

    private static let changeBytes = MemoryLayout<UInt32>.size + 1
    /// Weights of a group at the most, but for a group of one tensor: 2^26 and more. Messages of all
    /// processes have fewer bytes.
    private static let groupWeights = 1 << 30

    init(_ rule: any UpdateRule, _ division: UpdateDivision) {
        self.rule = rule
        self.division = division
        groups = Self.groups(division.layout.tensors)
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

    func apply(_ votes: Votes, to parameters: inout Parameters, step: Int) -> UpdateReport {
        let before = groups.map { ownWeights(of: $0, in: parameters) }
        let report = rule.apply(votes, to: &parameters, step: step)
        var changed = 0
        for (group, old) in zip(groups, before) {
            changed += exchange(group, old: old, &parameters)
        }
        return UpdateReport(changed: changed, total: report.total, pace: report.pace)
    }

    /// The weights of this process in a group of tensors, one after another.
    private func ownWeights(
        of group: ArraySlice<ParameterSpec>, in parameters: Parameters
    ) -> [Int8] {
        group.flatMap { tensor in
            parameters.values[tensor.id][
                division.weights(of: tensor, rank: division.processes.rank)]
        }
    }

    /// Gives all processes the weights of a group that changed. Collective.
    /// - Parameter old: what ``ownWeights(of:in:)`` was before the rule.
    /// - Returns: how many changed in all processes.
    private func exchange(
        _ group: ArraySlice<ParameterSpec>, old: [Int8], _ parameters: inout Parameters
    ) -> Int {
        let processes = division.processes
        let new = ownWeights(of: group, in: parameters)
        let places = new.indices.filter { new[$0] != old[$0] }
        let changes = processes.allGather(UInt64(places.count)).map { Int($0) }
        let counts = (0..<processes.count).map { rank in
            group.reduce(0) { $0 + division.weights(of: $1, rank: rank).count }
        }
        let sizes = zip(changes, counts).map { min($0 * Self.changeBytes, $1) }
        let isWhole = sizes[processes.rank] == new.count
        let message = isWhole ? new.map(UInt8.init(bitPattern:)) : Self.message(places, new)
        let all = processes.allGather(message, sizes: sizes)
        var start = 0
        for (rank, size) in sizes.enumerated() {
            let part = all[start..<start + size]
            start += size
            guard rank != processes.rank, size > 0 else { continue }
            take(part, of: group, from: rank, isWhole: size == counts[rank], &parameters)
        }
        return changes.reduce(0, +)
    }

    /// The places, then the values.
    private static func message(_ places: [Int], _ weights: [Int8]) -> [UInt8] {
        let places32 = places.map { UInt32(truncatingIfNeeded: $0) }
        return places32.withUnsafeBytes { [UInt8]($0) }
            + places.map { UInt8(bitPattern: weights[$0]) }
    }

    /// Puts the weights that another process sent in their places.
    private func take(
        _ message: ArraySlice<UInt8>, of group: ArraySlice<ParameterSpec>, from rank: Int,
        isWhole: Bool, _ parameters: inout Parameters
    ) {
        let changes = isWhole ? message.count : message.count / Self.changeBytes
        let values = message.suffix(changes)
        let places = isWhole ? [] : message.dropLast(changes).integers(UInt32.self)
        var index = 0
        var firstPlace = 0
        for tensor in group {
            let weights = division.weights(of: tensor, rank: rank)
            let end = firstPlace + weights.count
            parameters.values[tensor.id].withUnsafeMutableBufferPointer { tensor in
                while index < changes {
                    let place = isWhole ? index : Int(places[index])
                    guard place < end else { break }
                    tensor[weights.lowerBound + place - firstPlace] =
                        Int8(bitPattern: values[values.startIndex + index])
                    index += 1
                }
            }
            firstPlace = end
        }
    }

    // MARK: State

    /// Collective; complete in rank 0.
    var state: [(name: String, values: StateValues)] {
        let tensors = division.layout.tensors
        return rule.state.enumerated().map { index, part in
            guard case .int32(let values) = part.values else { return part }
            let whole = division.gather(values, of: tensors[index % tensors.count])
            return (part.name, .int32(whole))
        }
    }

    func restore(_ state: [String: StateValues]) throws(ModelError) { try rule.restore(state) }
}
