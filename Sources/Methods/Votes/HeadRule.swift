/// What the last matrix learns from.
public enum HeadRule: String, CaseIterable, Sendable {
    /// Losses with noise on it, or on the logits, are compared: evolution strategies throughout.
    case perturbation
    /// The softmax delta rule, (onehot - p)·uᵀ: exact, local to the last matrix, forward only.
    case delta
}
