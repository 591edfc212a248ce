/// The fixed-point nonlinearity of the gate: an Int8 to Int8 table of 256 entries.
///
/// The input has 4 fraction bits (16 = 1.0). The output uses the full range, 127 = 1.0, as the
/// hidden state does. Entry i belongs to the input i - 128.
public enum Nonlinearity {
    /// The logistic function on the gate's scale, where -127...127 stands for 0...1:
    /// 254 · σ(x/16) - 127, which is 127 · tanh(x/32), rounded to nearest.
    public static let sigmoid: [Int8] = table(inputsPerUnit: 32)

    private static func table(inputsPerUnit: Int) -> [Int8] {
        (-128...127).map { input in
            // tanh(y) = (1 - e^(-2y)) / (1 + e^(-2y)), here with 64 fraction bits.
            let magnitude = abs(input)
            let decay = Exponential.decay(2 * magnitude, over: inputsPerUnit) >> 56
            let one = UInt128(1) << 64
            let doubled = 2 * 127 * (one - decay)
            let rounded = (doubled / (one + decay) + 1) / 2
            return input < 0 ? -Int8(rounded) : Int8(rounded)
        }
    }
}
