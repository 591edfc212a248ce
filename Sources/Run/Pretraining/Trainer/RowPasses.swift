import EvolutionStrategy

/// When the rows of contexts are emptied, as a run reads its text more than once.
///
/// A row that has read a text knows it by heart: what it says of that text at the next reading is better than what it
/// will say of any other, and the rest of the model would learn to trust it. So rows begin anew before each reading.
/// Readings are counted back from the last step, so that the rows of the finished model have read the whole text.
public struct RowPasses: Equatable, Sendable {
    /// The steps of one reading of the text.
    public let steps: Int

    /// Nil where no rows are emptied: in a model without contexts, with a method whose rows do not learn by heart, and
    /// in a run that begins with the rows of a checkpoint, which have read another text.
    init?(_ config: RunConfig, segmentsPerPass: Int) {
        guard !config.model.contexts.isEmpty, type(of: config.method).rowsLearnByHeart,
            config.initialWeights == nil
        else { return nil }
        steps = segmentsPerPass
    }

    /// The step, counted from 0, before which a run of `planned` steps that has done `done` empties its rows next; nil where
    /// it does not.
    public func next(after done: Int, of planned: Int) -> Int? {
        let first = max(done, 1)
        guard planned - first >= steps else { return nil }
        return first + (planned - first) % steps
    }

    /// Whether rows are emptied before a step, counted from 0, of a run that is to have `planned` steps.
    func begin(before step: Int, of planned: Int) -> Bool {
        next(after: step, of: planned) == step
    }
}

extension RunConfig {
    /// The steps that the run was to have when it did a step, counted from 0.
    func plannedSteps(at step: Int) -> Int {
        phases.first { step < $0.end }?.steps ?? steps
    }
}
