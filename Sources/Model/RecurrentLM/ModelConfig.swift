import Diagnostics
import FixedPoint

/// The function of the gate f, applied to the clipped sum of its parts.
public enum GateFunction: String, CaseIterable, Sendable {
    case identity, sigmoid

    /// 256 entries for the inputs -128...127, or nil for the identity.
    public var table: [Int8]? { self == .sigmoid ? Nonlinearity.sigmoid : nil }
}

/// The function of the candidate h, applied to the clipped sum of its parts.
public enum CandidateFunction: String, CaseIterable, Sendable {
    case identity, tanh

    public var table: [Int8]? { self == .tanh ? Nonlinearity.tanh : nil }
}

/// The function of the MLP's inner vector.
public enum MLPFunction: String, CaseIterable, Sendable {
    case identity, relu
}

/// A shape or setting that the arithmetic does not allow.
public struct ModelError: UserError {
    public let location: String
    public let finding: String
    public let remedy: String

    public init(_ location: String, _ finding: String, remedy: String) {
        self.location = location
        self.finding = finding
        self.remedy = remedy
    }
}

/// The shape of an EGG model. V vocabulary, D hidden size, L layers, H MLP width.
public struct ModelConfig: Equatable, Sendable {
    /// V: tokens are 0..<V.
    public var vocabulary: Int
    /// D
    public var hidden: Int
    /// L
    public var layers: Int
    /// H; 4·D in the paper, 0 leaves the MLP and its normalisation out.
    public var mlpWidth: Int
    public var gate: GateFunction
    public var candidate: CandidateFunction
    public var mlp: MLPFunction

    /// The token that separates documents: before it is read, the hidden state becomes 0.
    public static let separator: UInt8 = 0
    public static let vocabularyRange = 2...256
    public static let hiddenRange = 1...4096
    public static let layerRange = 1...64
    /// ⌊√16383⌋ = 127 is the largest divisor that the kernels' floor division takes.
    public static let mlpRange = 0...16383

    public init(
        vocabulary: Int = 256, hidden: Int, layers: Int, mlpWidth: Int,
        gate: GateFunction = .identity, candidate: CandidateFunction = .identity,
        mlp: MLPFunction = .identity
    ) {
        self.vocabulary = vocabulary
        self.hidden = hidden
        self.layers = layers
        self.mlpWidth = mlpWidth
        self.gate = gate
        self.candidate = candidate
        self.mlp = mlp
    }

    /// Checks the ranges within which every accumulation fits its type.
    ///
    /// x·Wᵀ is at most inputs·127² <= 16383·16129 < 2^28.
    /// - Throws: ``ModelError`` naming the setting.
    public func validate() throws(ModelError) {
        try check("vocabulary", vocabulary, Self.vocabularyRange)
        try check("hidden", hidden, Self.hiddenRange)
        try check("layers", layers, Self.layerRange)
        try check("mlpWidth", mlpWidth, Self.mlpRange)
    }

    private func check(
        _ key: String, _ value: Int, _ range: ClosedRange<Int>
    ) throws(ModelError) {
        guard range.contains(value) else {
            throw ModelError(
                "model.\(key)", "\(value) is out of range",
                remedy: "use \(range.lowerBound) to \(range.upperBound)")
        }
    }

    /// Inputs of the widest matrix.
    public var widestInput: Int { max(hidden, mlpWidth) }

    /// Values of a hidden state.
    public var stateWidth: Int { layers * hidden }

    /// Multiply-accumulates of the forward pass of one token: the matrices' sizes.
    public var multiplyAccumulatesPerToken: Int {
        vocabulary * hidden + layers * (multiplyAccumulatesPerRecurrence + 2 * hidden * mlpWidth)
    }

    /// Multiply-accumulates of the recurrence of one layer: Wf, Uf, Wh and Uh.
    public var multiplyAccumulatesPerRecurrence: Int { 4 * hidden * hidden }
}
