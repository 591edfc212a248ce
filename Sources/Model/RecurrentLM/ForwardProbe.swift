import CKernels
import IntegerTensor

/// A place in the forward pass where noise may be added to an activation.
public enum ActivationSite: Hashable, Sendable {
    /// The row of the embedding. [D]
    case embedding
    /// The layer's sum of input and new state. [D]
    case state(layer: Int)
    /// The MLP's inner vector, before its nonlinearity. [H]
    case inner(layer: Int)
    /// The layer's output, after the MLP's is added. [D]
    case output(layer: Int)
    /// The logits. [V]
    case logits

    /// The site's name in a training state.
    public var name: String {
        switch self {
        case .embedding: "emb"
        case .state(let layer): "layers.\(layer).state"
        case .inner(let layer): "layers.\(layer).inner"
        case .output(let layer): "layers.\(layer).output"
        case .logits: "logits"
        }
    }

    /// The site's number in the names of noise: below 2 + 3·64, which fits 8 bits.
    public func number(layers: Int) -> Int {
        switch self {
        case .embedding: 0
        case .state(let layer): 1 + 3 * layer
        case .inner(let layer): 2 + 3 * layer
        case .output(let layer): 3 + 3 * layer
        case .logits: 1 + 3 * layers
        }
    }
}

/// What an operation of the forward pass reads besides the state: the factor beside the credit in votes.
public enum MatrixInput: Hashable, Sendable {
    /// What Wf and Wh read. [D]
    case layer(Int)
    /// What Uh reads. [D]
    case gated(Int)
    /// What W1 reads. [D]
    case mlp(Int)
    /// What W2 reads. [H]
    case inner(Int)
    /// What the head reads. [D]
    case head

    /// The input's place among those of a model of so many layers: 0 ... 4 · layers.
    public func number(layers: Int) -> Int {
        switch self {
        case .layer(let layer): 4 * layer
        case .gated(let layer): 4 * layer + 1
        case .mlp(let layer): 4 * layer + 2
        case .inner(let layer): 4 * layer + 3
        case .head: 4 * layers
        }
    }
}

/// The parts of gate and candidate of a layer, a row each, before the state moves.
public struct GateParts {
    /// The layer, counted from 0.
    public let layer: Int
    /// The gate, after its function.
    public let f: egg_const_rows
    /// The parts of the candidate's sum.
    public let fromInput, fromState, bias: egg_const_rows
}

/// Looks at a forward pass of a block, and may change the activations of its sites.
public protocol ForwardProbe: AnyObject {
    /// The pass has computed the activations of a site; the probe may change them.
    func reached(_ site: ActivationSite, _ rows: Int8Rows)
    /// A matrix reads these rows next.
    func willRead(_ input: MatrixInput, _ rows: Int8Rows)
    /// The state of a layer moves next, by these parts.
    func willMove(_ gate: GateParts)
}
