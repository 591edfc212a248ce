import FixedPoint
import Storage

extension StepMetrics {
    /// What TensorBoard draws of a step: the figures of its line in `metrics.jsonl`, and the rate or threshold.
    var scalars: [EventScalar] {
        var scalars = [
            EventScalar(
                "bitsPerByte/train", loss, over: Int64(memberTokens) << Int64(lossFractionBits)),
            EventScalar("speed/memberTokensPerSecond", memberTokensPerSecond, of: 1),
            EventScalar(
                "speed/gigaMultiplyAccumulatesPerSecond", multiplyAccumulatesPerSecond,
                of: 1_000_000_000),
            EventScalar("update/changedFraction", changedWeights, of: weights),
            EventScalar("update/tieRate", ties, of: comparisons),
            EventScalar("update/" + pace.name, pace.value, over: pace.one),
        ]
        if let validation {
            scalars.append(
                EventScalar("bitsPerByte/validation", validation.exactQ32, over: 1 << 32))
            let scale: Int64 = 10_000
            if let bits = DecimalText.parse(validation.integerBitsPerByte, scale: scale) {
                scalars.append(EventScalar("bitsPerByte/validationInteger", bits, over: scale))
            }
        }
        return scalars + (diagnostics?.scalars ?? [])
    }
}

extension StepDiagnostics {
    fileprivate var scalars: [EventScalar] {
        let ofTensors = tensors.flatMap { tensor in
            [
                EventScalar("saturated/" + tensor.name, tensor.saturated, of: tensor.count),
                EventScalar("changed/" + tensor.name, tensor.changed, of: tensor.count),
                EventScalar("rms/" + tensor.name, tensor.rootMeanSquare, of: 16),
            ]
                + (tensor.votesToNoise.map {
                    [EventScalar("votesToNoise/" + tensor.name, $0, of: 1024)]
                } ?? [])
        }
        return ofTensors
            + activations.map {
                EventScalar("saturated/" + $0.name, $0.saturated, of: $0.values)
            }
    }
}

/// The event file of a run, which TensorBoard reads: the same steps as in ``MetricsLog``.
final class EventLog {
    private let file: OutputFile

    /// What the user has to know of the records that were there.
    let notices: [String]

    /// Opens the event file of a run that has done `steps` steps; records of later steps are dropped, as those steps
    /// will be done again.
    ///
    /// ``requireOwn(_:)`` comes first. TensorBoard reads no further than a damaged record, so what comes after one is
    /// dropped too; `metrics.jsonl` has those steps.
    init(_ path: String, keepingSteps steps: Int) throws {
        let isNew = try Files.kind(path) == nil
        let kept = isNew ? KeptRecords() : try KeptRecords(of: path, steps: steps)
        file = try OutputFile(appendingTo: path)
        try file.cut(to: kept.bytes)
        if kept.bytes == 0 {
            try file.write(EventRecord.first(wallMicroseconds: RunClock.microsecondsSince1970))
        }
        if isNew { try Files.syncDirectory(Paths.parent(path)) }
        notices =
            kept.damaged.map { record in
                [
                    "\(path): record \(record) is damaged; TensorBoard would read no further, so the file is"
                        + " cut there"
                ]
            } ?? []
    }

    /// Checks that what has the file's name, if anything has, was written by a run.
    /// - Throws: ``ResumeError`` where it was not, or `FileError`.
    static func requireOwn(_ path: String) throws {
        guard try Files.kind(path) != nil else { return }
        let opening = EventRecord.opening
        var bytes = [UInt8](repeating: 0, count: opening.count)
        let count = try InputFile(path).read(into: &bytes, at: 0)
        // A run that was killed at its beginning may have written a part of them.
        guard bytes.prefix(count).elementsEqual(opening.prefix(count)) else {
            throw RunDirectory.foreign(path)
        }
    }

    func append(_ metrics: StepMetrics) throws(FileError) {
        try file.write(
            EventRecord.step(
                metrics.step, wallMicroseconds: RunClock.microsecondsSince1970, metrics.scalars))
    }

    func sync() throws(FileError) { try file.sync() }
}

/// The records of an event file that a run keeps when it goes on: those of the steps that it has done, up to the first
/// of a later step or the first that is damaged. Memory: a chunk and a record, however long the run was.
private struct KeptRecords {
    /// The bytes of the records, from the start of the file.
    private(set) var bytes = 0
    /// The number of the damaged record after them, from 1; nil where they end with the file, with a torn record or
    /// before that of a later step.
    private(set) var damaged: Int?

    private static let chunkBytes = 1 << 16

    /// Keeps no records, as of a new file.
    init() {}

    init(of path: String, steps: Int) throws {
        let file = try InputFile(path)
        var (chunk, start): ([UInt8], Int) = ([], 0)
        /// The bytes of the file from `offset` on; fewer at its end.
        func read(_ count: Int, at offset: Int) throws -> ArraySlice<UInt8> {
            if offset + count > start + chunk.count {
                chunk = [UInt8](repeating: 0, count: max(count, Self.chunkBytes))
                start = offset
                chunk.removeLast(chunk.count - (try file.read(into: &chunk, at: offset)))
            }
            return chunk[(offset - start)...].prefix(count)
        }
        for record in 1... {
            let header = Array(try read(EventRecord.headerBytes, at: bytes))
            if header.count < EventRecord.headerBytes { return }  // the end, or torn
            guard let length = EventRecord.contentLength(header) else {
                damaged = record
                return
            }
            let whole = length + EventRecord.checkBytes
            let rest = Array(try read(whole, at: bytes + EventRecord.headerBytes))
            if rest.count < whole { return }  // torn
            let content = rest.prefix(length)
            guard CRC32C.masked(content) == rest.word32(at: length),
                let step = EventRecord.step(of: content)
            else {
                damaged = record
                return
            }
            if step > steps { return }
            bytes += EventRecord.headerBytes + whole
        }
    }
}
