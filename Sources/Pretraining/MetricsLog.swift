import FixedPoint
import IntegerTensor
import Storage

/// What a step has to say, as a line of `metrics.jsonl`.
public struct StepMetrics: Sendable {
    /// Steps done, this one included.
    public let step: Int
    /// Σ of the population's losses over its member tokens, in bits with that many fraction bits.
    public let loss: Int64
    public let lossFractionBits: Int
    public let memberTokens: Int
    public let changedWeights: Int
    public let weights: Int
    /// How often the members of a pair were compared, and in how many of them they scored the same.
    public let comparisons: Int
    public let ties: Int
    /// Time of this step and of the run so far, in microseconds.
    public let stepMicroseconds: Int64
    public let wallMicroseconds: Int64
    /// Of one step.
    public let multiplyAccumulates: Int
    /// Set on steps that measured the noiseless model.
    public let validation: ValidationResult?

    /// Bits per byte of the population on its training text, 4 decimals.
    public var trainBitsPerByte: String {
        DecimalText.format(loss, over: Int64(memberTokens) << Int64(lossFractionBits), decimals: 4)
    }

    public var memberTokensPerSecond: Int {
        Stopwatch.perSecond(memberTokens, microseconds: Int(stepMicroseconds))
    }

    public var multiplyAccumulatesPerSecond: Int {
        Stopwatch.perSecond(multiplyAccumulates, microseconds: Int(stepMicroseconds))
    }

    var json: JSONValue {
        func fraction(_ part: Int, _ whole: Int) -> JSONValue {
            .number(DecimalText.format(Int64(part), over: Int64(max(1, whole)), decimals: 6))
        }
        let seconds = DecimalText.format(wallMicroseconds, over: 1_000_000, decimals: 3)
        var members: [JSONValue.Member] = [
            .init("step", .integer(step)),
            .init("trainBitsPerByte", .number(trainBitsPerByte)),
            .init("changedFraction", fraction(changedWeights, weights)),
            .init("tieRate", fraction(ties, comparisons)),
            .init("memberTokensPerSecond", .integer(memberTokensPerSecond)),
            .init("multiplyAccumulates", .integer(step * multiplyAccumulates)),
            .init("wallSeconds", .number(seconds)),
        ]
        if let validation {
            members.append(.init("validationBitsPerByte", .number(validation.exactBitsPerByte)))
            members.append(
                .init("validationIntegerBitsPerByte", .number(validation.integerBitsPerByte)))
        }
        return .object(members)
    }
}

/// The append-only log of a run, one JSON object a line.
final class MetricsLog {
    private let file: OutputFile

    private static let sizeLimit = 1 << 32

    /// Opens the log of a run that has done `steps` steps; lines of later steps are dropped, as those
    /// steps will be done again.
    init(_ path: String, keepingSteps steps: Int) throws {
        if Files.kind(path) != nil {
            let bytes = try Files.read(path, atMost: Self.sizeLimit)
            let kept = Self.kept(bytes, steps: steps)
            if kept.count != bytes.count { try AtomicFile.write(kept, to: path) }
        }
        file = try OutputFile(appendingTo: path)
    }

    /// The lines of steps 1...steps that are whole, up to the first that is not.
    private static func kept(_ bytes: [UInt8], steps: Int) -> [UInt8] {
        var end = 0
        while let newline = bytes[end...].firstIndex(of: UInt8(ascii: "\n")) {
            guard let line = try? JSONValue(Array(bytes[end..<newline])),
                let step = line["step"]?.integer, step <= steps
            else { break }
            end = newline + 1
        }
        return Array(bytes[..<end])
    }

    func append(_ metrics: StepMetrics) throws(FileError) {
        try file.write(metrics.json.text + "\n")
    }

    func sync() throws(FileError) { try file.sync() }
}
