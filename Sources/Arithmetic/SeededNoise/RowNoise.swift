/// Noise of contexts, which are named by their hashes: a pure function of seed, epoch, context and index, computed
/// where it is needed, one value at a time.
///
/// A mix of 64 bits (splitmix64: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014)
/// takes the place of Philox: few contexts of all that there may be are read, and their names are any numbers.
public struct RowNoise: Equatable, Sendable {
    /// The mix of seed and epoch.
    public let key: UInt64

    private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// Makes the noise of an epoch of a run.
    public init(seed: UInt64, epoch: UInt32) {
        key = Self.mix(seed ^ Self.mix(UInt64(epoch) &+ 1))
    }

    /// The value round(16 · N(0,1)) of a context for an index, such as an antithetic pair. 16 = 1 sigma.
    public func normal(context: UInt32, index: UInt32) -> Int8 {
        let bits = Self.mix(key &+ (UInt64(index) << 32 | UInt64(context)) &* Self.increment)
        return NoiseKey.normal(bits: UInt16(truncatingIfNeeded: bits >> 48))
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
