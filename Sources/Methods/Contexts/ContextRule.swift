import IntegerTensor
import RecurrentLM

/// Moves all rows that contexts choose: those of the input of the recurrence by their credits, those of direct
/// connections by the exact error of the softmax, which needs nothing but the row itself.
public final class ContextRule {
    private let inputs: RowRule
    private let logits: RowRule?

    /// Makes a rule for the rows of a model, which were never read; nil for a model without contexts. From now on the
    /// rows hold fine values.
    /// - Parameters:
    ///   - parameters: The model, whose rows it moves in place.
    ///   - rate: How far the credits of a method move an input row.
    ///   - kernel: The kernel; no result depends on it.
    ///   - pool: The threads that share the rows; no result depends on them.
    public init?(
        _ parameters: Parameters, rate: RowRate, kernel: Kernel, pool: WorkerPool
    ) {
        guard let contexts = parameters.contexts else { return nil }
        contexts.beginTraining()
        parameters.direct?.beginTraining()
        inputs = RowRule(contexts, rate, kernel: kernel, pool: pool)
        logits = parameters.direct.map { RowRule($0, .logits, kernel: kernel, pool: pool) }
    }

    /// Moves the rows that a step, counted from 0, has read; `schedule` is that of the run's rule, where it has one.
    public func apply(_ credits: ContextCredits, step: Int, schedule: RateSchedule?) {
        inputs.apply(credits.inputs, step: step, schedule: schedule)
        if let errors = credits.logits {
            logits?.apply(errors, step: step, schedule: schedule)
        }
    }

    /// Empties all rows, as if none had been read.
    public func clear() {
        inputs.clear()
        logits?.clear()
    }

    // MARK: State

    /// What a run needs besides the weights to continue.
    public var state: [ContextState] {
        inputs.state("inputs") + (logits?.state("logits") ?? [])
    }
}
