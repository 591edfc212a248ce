import FixedPoint
import RecurrentLM

/// A finer value behind each weight: 16 fraction bits, within ±127. The weight is its rounding.
struct FineWeights {
    /// The fine weights by tensor id.
    var values: [[Int32]]

    static let bytesPerWeight = MemoryLayout<Int32>.stride
    private static let fractionBits: Int32 = 16
    private static let bound: Int64 = 127 << 16
    static let range: ClosedRange<Int32> = -127 << 16...127 << 16

    /// Makes fine weights that equal the weights.
    init(_ parameters: Parameters) {
        values = parameters.values.map { $0.map { Int32($0) << Self.fractionBits } }
    }

    /// A fine weight after `decay`, which has 32 fraction bits, brought within the bounds.
    @inline(__always)
    static func bounded(_ residual: Int64, decay: Int64) -> Int32 {
        let decayed = residual &- floorShift(residual &* decay, by: 32)
        return Int32(truncatingIfNeeded: min(bound, max(-bound, decayed)))
    }

    /// A fine weight brought within the bounds.
    @inline(__always)
    static func bounded(_ residual: Int32) -> Int32 {
        min(range.upperBound, max(range.lowerBound, residual))
    }

    /// The weight of a fine weight: rounded to nearest, ties upward; within ±127 by the bound.
    @inline(__always)
    static func weight(_ residual: Int32) -> Int8 {
        Int8(truncatingIfNeeded: (residual &+ (1 << 15)) >> fractionBits)
    }

    /// Rounds fine weights to the weights; returns how many changed.
    static func round(
        _ residuals: UnsafePointer<Int32>, to weights: UnsafeMutablePointer<Int8>, _ count: Int
    ) -> Int {
        var changed: Int32 = 0
        for i in 0..<count {
            let weight = Self.weight(residuals[i])
            changed &+= weight == weights[i] ? 0 : 1
            weights[i] = weight
        }
        return Int(changed)
    }

    // MARK: State

    private static let stateName = "residual"

    var state: WeightState { [Self.stateName: values] }

    mutating func restore(
        _ state: WeightState, _ layout: ParameterLayout
    ) throws(ModelError) {
        let stored = try layout.values(Self.stateName, in: state)
        for tensor in layout.tensors
        where !stored[tensor.id].allSatisfy(Self.range.contains) {
            throw ModelError(
                tensor.name, "its residuals are beyond ±127",
                remedy: "resume with the checkpoint that belongs to the run")
        }
        values = stored
    }
}
