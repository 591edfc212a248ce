import CKernels
import IntegerTensor
import RecurrentLM

/// The hidden states of a block of groups: those that the groups keep, in the layers of the trace, and those that
/// their members start a token from. They belong to one thread.
///
/// The members of a group share the row of the first layer's state, which no noise reaches before it is read.
struct GroupStates {
    /// The members' states, for the forward pass. The first layer has one row a group. [2 · K · groups][L][D]
    let members: HiddenStates
    private let trace: ActivationTrace
    private let draws: Int
    private let width: Int
    private let kernel: UnsafePointer<egg_kernel>

    init(_ trace: ActivationTrace, groups: Int, draws: Int, config: ModelConfig, kernel: Kernel) {
        members = HiddenStates(rows: 2 * draws * groups, config: config)
        self.trace = trace
        self.draws = draws
        self.kernel = kernel.table
        width = config.hidden
    }

    /// Copies the states before the first token from the rows of `states` from `first` on.
    func load(from states: HiddenStates, first: Int, groups: Int) {
        for (index, layer) in trace.layers.enumerated() {
            let source = states.input(from: first, layer: index)
            copyRows(groups, width, from: source, to: layer.state.output())
        }
        members.copyHistories(to: 0, from: states, row: first, count: groups)
    }

    /// Copies the states after the last of `tokens` tokens to the rows of `states` from `first` on.
    func store(to states: HiddenStates, first: Int, groups: Int, tokens: Int) {
        for (index, layer) in trace.layers.enumerated() {
            let source = layer.state.input(from: tokens * groups)
            copyRows(groups, width, from: source, to: states.output(from: first, layer: index))
        }
        states.copyHistories(to: first, from: members, row: 0, count: groups)
    }

    /// Gives all members the states of their groups before the token at `time`, 0 where that is a separator.
    func spread(at time: Int, groups: Int) {
        let first = time * groups
        for (index, layer) in trace.layers.enumerated() {
            for row in first..<first + groups
            where trace.tokens.pointer[row] == ModelConfig.separator {
                layer.state.row(row).update(repeating: 0, count: layer.state.stride)
            }
            let before = layer.state.input(from: first)
            guard index > 0 else {
                copyRows(groups, width, from: before, to: members.output(from: 0, layer: index))
                continue
            }
            for draw in 0..<draws {
                kernel.pointee.spread(
                    Int32(groups), Int32(width), before,
                    members.output(from: 2 * draw * groups, layer: index))
            }
        }
    }

    /// Keeps what the first pairs made of the token at `time`: the mean of both members.
    func collect(at time: Int, groups: Int) {
        for (index, layer) in trace.layers.enumerated() {
            let after = layer.state.output(from: (time + 1) * groups)
            let made = members.input(from: 0, layer: index)
            if index == 0 {
                copyRows(groups, width, from: made, to: after)
            } else {
                kernel.pointee.average(Int32(groups), Int32(width), made, after)
            }
        }
    }
}
