import FixedPoint
import TextGeneration

/// The flags of `sample` after their check.
struct SamplePlan {
    /// Samples that are not yet shown are held in memory.
    private static let tokenRange = 1...10_000_000
    private static let countRange = 1...1_000_000

    let tokens: Int
    let count: Int
    /// The texts that end a sample.
    let stops: [[UInt8]]
    let settings: SamplingSettings

    init(_ flags: SampleCommand) throws(UsageError) {
        tokens = try requireRange(flags.tokens, Self.tokenRange, flag: "--tokens")
        count = try requireRange(flags.count, Self.countRange, flag: "--count")
        guard !flags.stop.contains("") else {
            throw UsageError(
                flag: "--stop", finding: "the text is empty", remedy: "give at least one character")
        }
        stops = flags.stop.map { Array($0.utf8) }
        try Self.checkDialogue(flags)
        settings = SamplingSettings(
            temperature: try Self.decimal(
                flags.temperature, scale: SamplingSettings.temperatureScale,
                SamplingSettings.temperatureRange, flag: "--temperature"),
            topK: try requireRange(flags.topK, SamplingSettings.topKRange, flag: "--top-k"),
            topP: try Self.decimal(
                flags.topP, scale: SamplingSettings.probabilityScale,
                SamplingSettings.probabilityRange, flag: "--top-p"),
            minP: try Self.decimal(
                flags.minP, scale: SamplingSettings.probabilityScale,
                SamplingSettings.probabilityRange, flag: "--min-p"),
            repetitionPenalty: try Self.decimal(
                flags.repetitionPenalty, scale: SamplingSettings.penaltyScale,
                SamplingSettings.penaltyRange, flag: "--repetition-penalty"))
    }

    private static func checkDialogue(_ flags: SampleCommand) throws(UsageError) {
        guard flags.interactive else { return }
        for (flag, isGiven) in [("--prompt", flags.prompt != ""), ("--count", flags.count != 1)]
        where isGiven {
            throw UsageError(
                flag: flag, finding: "does not go with --interactive", remedy: "leave it out")
        }
    }

    private static func decimal(
        _ text: String, scale: Int64, _ range: ClosedRange<Int64>, flag: String
    ) throws(UsageError) -> Int64 {
        guard let value = DecimalText.parse(text, scale: scale), range.contains(value) else {
            throw UsageError(
                flag: flag, finding: "'\(text)' is not a decimal number in the range",
                remedy: "use \(range.lowerBound / scale) to \(range.upperBound / scale)")
        }
        return value
    }
}
