import Diagnostics
import FixedPoint
import IntegerTensor

/// The function of the gate f, applied to the clipped sum of its parts.
public enum GateFunction: String, CaseIterable, Sendable {
    /// The sum itself, or the logistic function of it.
    case identity, sigmoid

    /// The function as 256 entries for the inputs -128...127; nil for the identity.
    public var table: [Int8]? { self == .sigmoid ? Nonlinearity.sigmoid : nil }
}

/// The function of the MLP's inner vector.
public enum MLPFunction: String, CaseIterable, Sendable {
    /// The vector itself, or max(0, x) of its elements.
    case identity, relu
}

/// A shape or setting that the arithmetic does not allow.
public struct ModelError: UserError {
    /// The setting or tensor that the error is about, such as `population.size`.
    public let location: String
    /// What was found there.
    public let finding: String
    /// What to do about it.
    public let remedy: String

    /// Makes an error at a setting or tensor.
    public init(_ location: String, _ finding: String, remedy: String) {
        self.location = location
        self.finding = finding
        self.remedy = remedy
    }
}

/// The shape of an EGG model. V vocabulary, D hidden size, L layers, H MLP width.
public struct ModelConfig: Equatable, Sendable {
    /// V, the number of tokens, which are 0..<V.
    public var vocabulary: Int
    /// D, the hidden size.
    public var hidden: Int
    /// L, the number of layers.
    public var layers: Int
    /// H, the width of the MLP: 4·D in the paper; 0 leaves the MLP and its normalisation out.
    public var mlpWidth: Int
    /// The function of the gate.
    public var gate: GateFunction
    /// The function of the MLP's inner vector.
    public var mlp: MLPFunction
    /// The contexts whose rows are added to the input of the recurrence; none in the paper.
    public var contexts: [ContextKind]
    /// The rows of the table that the contexts share: a power of two; 0 without contexts.
    public var contextRows: Int
    /// Whether the contexts have rows that are added to the logits too ("direct connections": Mikolov et al., "RNNLM",
    /// 2011); not in the paper.
    public var direct: Bool

    /// The token that separates documents: before it is read, the hidden state becomes 0.
    public static let separator: UInt8 = 0
    /// The values that ``vocabulary`` may have.
    public static let vocabularyRange = 2...256
    /// The values that ``hidden`` may have.
    public static let hiddenRange = 1...4096
    /// The values that ``layers`` may have.
    public static let layerRange = 1...64
    /// The values that ``mlpWidth`` may have: ⌊√16383⌋ = 127 is the largest divisor that the kernels' floor division
    /// takes.
    public static let mlpRange = 0...16383
    /// The most contexts: a sum of so many rows fits 16 bits.
    public static let mostContexts = 16
    /// The values that ``contextRows`` may have, as powers of two.
    public static let contextRowRange = 1 << 8...1 << 26

    /// Makes a shape. Nothing is checked before ``validate()``.
    public init(
        vocabulary: Int = 256, hidden: Int, layers: Int, mlpWidth: Int,
        gate: GateFunction = .identity,
        mlp: MLPFunction = .identity, contexts: [ContextKind] = [], contextRows: Int = 0,
        direct: Bool = false
    ) {
        self.vocabulary = vocabulary
        self.hidden = hidden
        self.layers = layers
        self.mlpWidth = mlpWidth
        self.gate = gate
        self.mlp = mlp
        self.contexts = contexts
        self.contextRows = contextRows
        self.direct = direct
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
        try checkContexts()
    }

    private func checkContexts() throws(ModelError) {
        guard contexts.count <= Self.mostContexts, Set(contexts).count == contexts.count else {
            throw ModelError(
                "model.contexts", "[\(contexts.list)] are too many, or one twice",
                remedy: "name at most \(Self.mostContexts), each once")
        }
        guard !contexts.isEmpty else {
            guard contextRows == 0, !direct else {
                throw ModelError(
                    "model.contexts", "are none, and would choose \(contextRows) rows",
                    remedy: "name model.contexts, or leave contextRows and direct out")
            }
            return
        }
        try check("contextRows", contextRows, Self.contextRowRange)
        let below = 1 << (contextRows.bitWidth - 1 - contextRows.leadingZeroBitCount)
        guard contextRows == below else {
            throw ModelError(
                "model.contextRows", "\(contextRows) is no power of two",
                remedy: "use \(below) or \(2 * below)")
        }
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

    /// The rows of direct connections; 0 without. They are wide, and half as many as those of the input.
    public var logitRows: Int { direct ? contextRows / 2 : 0 }

    /// The bytes of the rows of contexts and of their tags, in memory; 0 without contexts.
    public var contextBytes: Int { contextWeights + contextRows + logitRows }

    private var contextWeights: Int {
        contextRows * paddedWidth(ContextTable.inputWidth(self)) + logitRows
            * paddedWidth(vocabulary)
    }

    /// The bytes that the rows take besides while a model is trained: a byte more for each weight, how often each row was
    /// read, and how firmly its owner holds it.
    public var contextTrainingBytes: Int {
        contextWeights
            + (contextRows + logitRows)
            * (MemoryLayout<UInt16>.stride + MemoryLayout<UInt8>.stride)
    }

    /// The number of inputs of the widest matrix.
    public var widestInput: Int { max(hidden, mlpWidth) }

    /// The number of values of a hidden state: L·D.
    public var stateWidth: Int { layers * hidden }

    /// The multiply-accumulates of the forward pass of one token: the matrices' sizes.
    public var multiplyAccumulatesPerToken: Int {
        vocabulary * hidden + layers * (multiplyAccumulatesPerRecurrence + 2 * hidden * mlpWidth)
    }

    /// The multiply-accumulates of the recurrence of one layer: Wf, Uf, Wh and Uh.
    public var multiplyAccumulatesPerRecurrence: Int { 4 * hidden * hidden }
}
