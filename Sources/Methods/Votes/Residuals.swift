import FixedPoint
import RecurrentLM

/// A finer value behind each weight: 16 fraction bits, within ±127. The weight is its rounding.
struct Residuals {
    /// By tensor id.
    var values: [[Int32]]
    private let layout: ParameterLayout

    private static let fractionBits: Int32 = 16
    private static let bound: Int64 = 127 << 16
    static let range: ClosedRange<Int32> = -127 << 16...127 << 16

    /// Starts at the weights.
    init(_ parameters: Parameters) {
        layout = parameters.layout
        values = parameters.values.map { $0.map { Int32($0) << Self.fractionBits } }
    }

    /// A residual with `decay` of 32 fraction bits taken off, brought within its bounds.
    @inline(__always)
    static func bounded(_ residual: Int64, decay: Int64) -> Int32 {
        let decayed = residual &- floorShift(residual &* decay, by: 32)
        return Int32(truncatingIfNeeded: min(bound, max(-bound, decayed)))
    }

    /// The weight of a residual: rounded to nearest, ties upward; within ±127 by the bound.
    @inline(__always)
    static func weight(_ residual: Int32) -> Int8 {
        Int8(truncatingIfNeeded: (residual &+ (1 << 15)) >> fractionBits)
    }

    // MARK: State

    private static let prefix = "residual."

    var state: [(name: String, values: StateValues)] {
        layout.state(values, prefix: Self.prefix)
    }

    mutating func restore(_ state: [String: StateValues]) throws(ModelError) {
        let stored = try layout.values(of: state, prefix: Self.prefix, what: "residuals")
        for tensor in layout.tensors
        where !stored[tensor.id].allSatisfy(Self.range.contains) {
            throw ModelError(
                tensor.name, "its residuals are beyond ±127",
                remedy: "resume with the checkpoint that belongs to the run")
        }
        values = stored
    }
}
