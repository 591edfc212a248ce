/// What the score of a perturbed member is compared with.
public enum Sampling: String, CaseIterable, Sendable {
    /// It is compared with the score of the opposite sign, as in the paper: members 2p and 2p + 1 carry the same noise
    /// with signs +1 and -1. Each member keeps its own hidden state.
    case antithetic
    /// It is compared with the score of the unperturbed model on the same text. Each member has noise of its own, so as
    /// many evaluations try twice as many directions, and each starts a segment from the hidden state of the
    /// unperturbed model.
    case oneSided = "one-sided"
}
