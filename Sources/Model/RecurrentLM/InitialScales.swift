import FixedPoint

/// The standard deviations of the initial weights. 16 = 1.0, the paper's value for every matrix.
public struct InitialScales: Equatable, Sendable {
    /// The deviation of Uf and Uh: small values begin with a state that follows the input.
    public var recurrent: Int
    /// The deviation of the head: small values begin near the uniform distribution.
    public var head: Int

    /// The values that a deviation may have.
    public static let range = 0...64
    private static let noiseDeviation: Int32 = 16

    /// Makes scales; 16 = 1.0.
    public init(recurrent: Int = 16, head: Int = 16) {
        self.recurrent = recurrent
        self.head = head
    }

    func deviation(of tensor: ParameterSpec, in layout: ParameterLayout) -> Int {
        if tensor.id == layout.head { return head }
        let isRecurrent = layout.layers.contains { $0.uf == tensor.id || $0.uh == tensor.id }
        return isRecurrent ? recurrent : Int(Self.noiseDeviation)
    }

    /// Brings a noise value of deviation 16 to another deviation, rounded to nearest (ties upward).
    func scaled(_ value: Int8, to deviation: Int) -> Int8 {
        let product = Int32(value) * Int32(deviation)
        return clip(floorDivide(product + Self.noiseDeviation / 2, by: Self.noiseDeviation))
    }
}
