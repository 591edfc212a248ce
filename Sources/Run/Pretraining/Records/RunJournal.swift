import Diagnostics
import EvolutionStrategy
import Journal
import RecurrentLM
import Storage

/// A step that was done again and came out differently.
public struct JournalMismatch: UserError {
    /// The journal's file.
    public let location: String
    /// What was found there.
    public let finding: String
    /// What to do about it.
    public let remedy =
        "the same step gave two results: check the machine's memory and processor, and that both were of "
        + "the same program; nothing of this step was saved"

    init(_ path: String, step: Int, _ finding: String) {
        location = "\(path): step \(step)"
        self.finding = finding
    }
}

/// The journal of a run that trains: adds a record for each new step, and compares each step that is done
/// again with the record it has.
final class RunJournal {
    private let path: String
    private let writer: JournalWriter
    private let keepsFitness: Bool
    /// Reads the records of steps that were done before; nil when the next step is new.
    private var recorded: JournalReader?

    /// Opens the journal as planned.
    /// - Throws: `FileError` or `JournalError`.
    init(_ path: String, _ plan: JournalPlan) throws {
        self.path = path
        keepsFitness = plan.keepsFitness
        switch plan.action {
        case .begin(let header, let isOldSetAside):
            if isOldSetAside { try Files.rename(path, to: path + RunDirectory.damagedSuffix) }
            writer = try JournalWriter(path, header: header)
        case .continueFrom(let start, let end):
            try Files.remove(path + AtomicFile.suffix)  // of a run that was killed at its beginning
            writer = try JournalWriter(path, continuingAt: end)
            if start != end {
                var reader = try JournalReader(path)
                reader.seek(to: start)
                recorded = reader
            }
        }
    }

    /// The checksum of the last record that was written or compared: it depends on all before it.
    var chain: UInt64 { (recorded?.position ?? writer.position).chain }

    /// Records a step, or compares it with its record; `parameters` are the weights after the step.
    /// - Throws: ``JournalMismatch``, `FileError` or `JournalError`.
    func record(
        _ votes: Votes, step: Int, parameters: Parameters, withDigest: Bool
    ) throws {
        let outcome = outcome(votes)
        guard let stored = try recorded?.next() else {
            let digest = withDigest ? parameters.layoutDigest : nil
            return try writer.append(
                JournalRecord(step: step, outcome: outcome, weightsDigest: digest))
        }
        try compare(outcome, with: stored)
        try compareWeights(parameters, with: stored)
        if recorded?.position == writer.position { recorded = nil }
    }

    func sync() throws(FileError) { try writer.sync() }

    private func outcome(_ votes: Votes) -> JournalRecord.Outcome {
        guard let fitness = votes.fitness else { return .votesDigest(votes.digest) }
        // A process may have counted only a part of these votes: their digest is that of what they follow from.
        return keepsFitness ? .fitness(fitness) : .votesDigest(fitness.digest)
    }

    private func compare(
        _ outcome: JournalRecord.Outcome, with stored: JournalRecord
    ) throws(JournalMismatch) {
        switch (outcome, stored.outcome) {
        case (.fitness(let now), .fitness(let then)):
            let values = zip(now.values, then.values).enumerated()
            guard let (direction, (new, old)) = values.first(where: { $1.0 != $1.1 }) else {
                return
            }
            throw JournalMismatch(
                path, step: stored.step,
                "the fitness of direction \(direction) is \(new), the journal says \(old)")
        case (.votesDigest(let now), .votesDigest(let then)):
            guard now != then else { return }
            throw JournalMismatch(
                path, step: stored.step,
                "the digest of the votes is \(XXH64.hex(now)), the journal says \(XXH64.hex(then))")
        default:
            throw JournalMismatch(path, step: stored.step, "the journal holds another content")
        }
    }

    private func compareWeights(
        _ parameters: Parameters, with stored: JournalRecord
    ) throws(JournalMismatch) {
        guard let then = stored.weightsDigest else { return }
        let now = parameters.layoutDigest
        guard now != then else { return }
        throw JournalMismatch(
            path, step: stored.step,
            "the digest of the weights is \(XXH64.hex(now)), the journal says \(XXH64.hex(then))")
    }
}

extension Votes {
    /// XXH64 of the votes by tensor id, little-endian.
    fileprivate var digest: UInt64 {
        var hash = XXH64()
        for tensor in layout.tensors {
            let span = values[tensor.id].span
            #if _endian(little)
                hash.update(UnsafeRawBufferPointer(span))
            #else
                span.map(\.littleEndian).withUnsafeBytes { hash.update($0) }
            #endif
        }
        return hash.digest()
    }
}

extension Fitness {
    /// XXH64 of the values.
    fileprivate var digest: UInt64 {
        var hash = XXH64()
        values.withUnsafeBytes { hash.update($0) }
        return hash.digest()
    }
}
