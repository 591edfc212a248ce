import IntegerTensor
import Processes
import RecurrentLM

/// Which weights of a model each process of a run updates: every process all of them, or each a slice.
public struct UpdateDivision: Sendable {
    let processes: any ProcessGroup
    let layout: ParameterLayout
    /// The slices by rank; empty where each process updates the whole model.
    private let slices: [WeightSlice]

    /// Divides the weights by the processes' speeds; where those are nil, each process updates the whole model.
    init(_ processes: any ProcessGroup, _ layout: ParameterLayout, speeds: [Int]?) {
        self.processes = processes
        self.layout = layout
        slices = speeds.map { WeightSlice.slices(of: layout, speeds: $0) } ?? []
    }

    private var isShared: Bool { !slices.isEmpty }

    /// A division by which this process updates the whole model.
    public static func undivided(_ layout: ParameterLayout) -> UpdateDivision {
        UpdateDivision(SingleProcess(), layout, speeds: nil)
    }

    /// Turns a rule that applies itself to ``own`` into one that all processes apply together.
    public func together(_ rule: any UpdateRule) -> any UpdateRule {
        isShared ? DistributedRule(rule, self) : rule
    }

    /// The weights that this process updates.
    public var own: WeightSlice { slice(rank: processes.rank) }

    /// The weights that a process updates.
    func slice(rank: Int) -> WeightSlice { isShared ? slices[rank] : WeightSlice(layout) }

    /// Completes the votes in rank 0, which has only those of its own weights. Collective.
    public func complete(_ votes: Votes) {
        guard isShared else { return }
        for tensor in layout.tensors {
            let span = votes.values[tensor.id].span
            let whole = gather(span, of: tensor)
            for (index, value) in whole.enumerated() { span[index] = value }
        }
    }

    /// The values of a tensor in rank 0, each from the process that updates its weight; other ranks get none.
    /// Collective.
    func gather(
        _ values: some RandomAccessCollection<Int32>, of tensor: ParameterSpec
    ) -> [Int32] {
        let own = own.weights(of: tensor)
        return processes.gather(
            Array(values.dropFirst(own.lowerBound).prefix(own.count)),
            counts: slices.map { $0.weights(of: tensor).count })
    }
}
