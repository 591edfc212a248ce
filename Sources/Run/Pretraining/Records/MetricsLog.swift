import EvolutionStrategy
import FixedPoint
import IntegerTensor
import Storage

/// What is reported of a step, as a line of `metrics.jsonl`.
public struct StepMetrics: Sendable {
    /// The steps done, this one included.
    public let step: Int
    /// Σ of the population's losses over its member tokens, in bits with ``lossFractionBits`` fraction bits.
    public let loss: Int64
    /// The fraction bits of ``loss``.
    public let lossFractionBits: Int
    /// The tokens that the members read in the step.
    public let memberTokens: Int
    /// The weights whose value the step changed.
    public let changedWeights: Int
    /// All weights.
    public let weights: Int
    /// How far the step went.
    public let pace: UpdatePace
    /// How often scores were compared.
    public let comparisons: Int
    /// How many comparisons found no difference.
    public let ties: Int
    /// The time of the step, in microseconds.
    public let stepMicroseconds: Int64
    /// The time of the run so far, in microseconds.
    public let wallMicroseconds: Int64
    /// The multiply-accumulates of one step.
    public let multiplyAccumulates: Int
    /// What the noiseless model scored; nil on steps that did not measure it.
    public let validation: ValidationResult?
    /// What was found of tensors and activations; nil on steps that did not look at them.
    public var diagnostics: StepDiagnostics? = nil

    /// The bits per byte of the population on its training text, 4 decimals.
    public var trainBitsPerByte: String {
        DecimalText.format(loss, over: Int64(memberTokens) << Int64(lossFractionBits), decimals: 4)
    }

    /// Member tokens per second in this step.
    public var memberTokensPerSecond: Int {
        Stopwatch.perSecond(memberTokens, microseconds: Int(stepMicroseconds))
    }

    /// Multiply-accumulates per second in this step.
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
    /// A part of a whole, 6 decimals.
    static func fraction(_ part: Int, of whole: Int) -> JSONValue {
        .number(DecimalText.format(Int64(part), over: Int64(max(1, whole)), decimals: 6))
    }
}

/// The append-only log of a run, one JSON object a line.
final class MetricsLog {
    private let file: OutputFile

    /// What the user has to know of the lines that were there.
    let notices: [String]

    /// Opens the log of a run that has done `steps` steps; lines of later steps are dropped, as those
    /// steps will be done again. What `path` names is a file or not there.
    init(_ path: String, keepingSteps steps: Int) throws {
        let isNew = try Files.kind(path) == nil
        let kept = isNew ? KeptLines() : try KeptLines(of: path, steps: steps)
        file = try OutputFile(appendingTo: path)
        try file.cut(to: kept.bytes)
        if isNew { try Files.syncDirectory(Paths.parent(path)) }
        notices =
            kept.firstDamaged.map { line in
                ["\(path): line \(line) is damaged; it is kept, and the run goes on"]
            } ?? []
    }

    func append(_ metrics: StepMetrics) throws(FileError) {
        try file.write(metrics.json.text + "\n")
    }

    func sync() throws(FileError) { try file.sync() }
}

/// The lines of a log that a run keeps when it goes on.
///
/// They are those of the steps that the run has done, up to the first line of a later step. A damaged line among them
/// stays: the sound ones after it are worth more than order. Memory: a chunk and a line, however long the run was.
private struct KeptLines {
    /// The bytes of the lines, from the start of the file.
    private(set) var bytes = 0
    /// The number of the first damaged line among them, from 1.
    private(set) var firstDamaged: Int?

    /// Keeps no lines, as of a new log.
    init() {}

    init(of path: String, steps: Int) throws {
        var lines = try LogLines(path)
        var lastStep = 0
        while let line = try lines.next() {
            let step = line.value?["step"]?.integer
            // A damaged line after that of the last step that was done is of a later one.
            guard step.map({ $0 <= steps }) ?? (lastStep < steps) else { return }
            if step == nil && firstDamaged == nil { firstDamaged = line.number }
            lastStep = step ?? lastStep
            bytes = line.end
        }
    }
}
