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
    /// Set on steps whose tensors and activations were looked at.
    public var diagnostics: StepDiagnostics? = nil

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
        let seconds = DecimalText.format(wallMicroseconds, over: 1_000_000, decimals: 3)
        var members: [JSONValue.Member] = [
            .init("step", .integer(step)),
            .init("trainBitsPerByte", .number(trainBitsPerByte)),
            .init("changedFraction", .fraction(changedWeights, of: weights)),
            .init("tieRate", .fraction(ties, of: comparisons)),
            .init("memberTokensPerSecond", .integer(memberTokensPerSecond)),
            .init(
                "multiplyAccumulates", .integer(Int128(step) * Int128(multiplyAccumulates))),
            .init("wallSeconds", .number(seconds)),
        ]
        if let validation {
            members.append(.init("validationBitsPerByte", .number(validation.exactBitsPerByte)))
            members.append(
                .init("validationIntegerBitsPerByte", .number(validation.integerBitsPerByte)))
        }
        if let diagnostics { members.append(.init("diagnostics", diagnostics.json)) }
        return .object(members)
    }
}

extension JSONValue {
    /// A share of a whole, 6 decimals.
    static func fraction(_ part: Int, of whole: Int) -> JSONValue {
        .number(DecimalText.format(Int64(part), over: Int64(max(1, whole)), decimals: 6))
    }
}

/// The append-only log of a run, one JSON object a line.
final class MetricsLog {
    private let file: OutputFile

    /// More bytes than a line has: the diagnostics of 64 layers take about 2^17.
    private static let longestLine = 1 << 18

    /// Opens the log of a run that has done `steps` steps; lines of later steps are dropped, as those
    /// steps will be done again. What `path` names is a file or not there.
    init(_ path: String, keepingSteps steps: Int) throws {
        let kept = try Files.kind(path) == nil ? 0 : Self.keptBytes(path, steps: steps)
        file = try OutputFile(appendingTo: path)
        try file.cut(to: kept)
    }

    /// Bytes of the lines of steps 1...steps that are whole, up to the first that is not.
    ///
    /// Memory: a chunk and a line, however long the run was.
    private static func keptBytes(_ path: String, steps: Int) throws -> Int {
        let file = try InputFile(path)
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var line: [UInt8] = []
        var end = 0
        while true {
            let count = try file.readNext(into: &chunk)
            if count == 0 { return end }
            for byte in chunk[..<count] {
                guard byte == UInt8(ascii: "\n") else {
                    guard line.count < longestLine else { return end }
                    line.append(byte)
                    continue
                }
                guard let step = (try? JSONValue(line))?["step"]?.integer, step <= steps else {
                    return end
                }
                end += line.count + 1
                line.removeAll(keepingCapacity: true)
            }
        }
    }

    func append(_ metrics: StepMetrics) throws(FileError) {
        try file.write(metrics.json.text + "\n")
    }

    func sync() throws(FileError) { try file.sync() }
}
