/// How finely a log-likelihood is measured.
public enum LossResolution: Int, CaseIterable, Sendable {
    /// 1/16 bit, as in the paper.
    case sixteenth = 4
    /// 1/1024 bit: for fitness that uses the size of a difference, not only its sign.
    case fine = 10

    /// The fraction bits of a log-likelihood in bits: 4 or 10.
    public var fractionBits: Int { rawValue }

    /// The largest magnitude of a token's log-likelihood, in units of the resolution: log2 of a sum below 2^28, less 4.
    public var largestMagnitude: Int { (28 - 4) << fractionBits }
}
