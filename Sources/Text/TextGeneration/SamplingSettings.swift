/// What shapes the distribution that tokens are drawn from.
public struct SamplingSettings: Sendable, Equatable {
    /// The number that stands for 1.0 in ``temperature``.
    public static let temperatureScale: Int64 = 1 << 16
    /// The number that stands for 1.0 in ``topP`` and ``minP``.
    public static let probabilityScale: Int64 = 1 << 32
    /// The values that ``temperature`` may have: up to 100.0.
    public static let temperatureRange: ClosedRange<Int64> = 0...100 * temperatureScale
    /// The values that ``topP`` and ``minP`` may have.
    public static let probabilityRange: ClosedRange<Int64> = 0...probabilityScale
    /// The values that ``topK`` may have.
    public static let topKRange = 1...256
    /// The number that stands for 1 bit in ``repetitionPenalty``.
    public static let penaltyScale: Int64 = 16
    /// The values that ``repetitionPenalty`` may have: up to 15 bits.
    public static let penaltyRange: ClosedRange<Int64> = 0...15 * penaltyScale

    /// T with 16 fraction bits: probabilities go with 2^(logit/T). 0 is greedy.
    public var temperature: Int64
    /// The k most probable tokens stay; 256 leaves all.
    public var topK: Int
    /// The fewest most probable tokens stay whose probabilities reach p together; with 32 fraction
    /// bits, 1.0 leaves all.
    public var topP: Int64
    /// Tokens stay whose probability is at least p times that of the most probable one; with 32
    /// fraction bits, 0 leaves all.
    public var minP: Int64
    /// What a byte loses that followed the last three bytes within the last 256 too, in 1/16 bit, before the temperature.
    public var repetitionPenalty: Int64

    /// Makes settings; its defaults leave every token and draw at temperature 1.0.
    /// - Precondition: Each value lies in its range.
    public init(
        temperature: Int64 = temperatureScale, topK: Int = topKRange.upperBound,
        topP: Int64 = probabilityScale, minP: Int64 = 0, repetitionPenalty: Int64 = 0
    ) {
        precondition(
            Self.temperatureRange.contains(temperature) && Self.topKRange.contains(topK)
                && Self.probabilityRange.contains(topP) && Self.probabilityRange.contains(minP)
                && Self.penaltyRange.contains(repetitionPenalty),
            "a setting is out of its range")
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.repetitionPenalty = repetitionPenalty
    }
}
