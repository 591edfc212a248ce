import Journal
import RecurrentLM
import Storage

/// What will become of a run's journal when the run is continued. It is decided before anything is written.
struct JournalPlan {
    enum Action {
        /// A new journal; one that cannot be continued is set aside first.
        case begin(JournalHeader, isOldSetAside: Bool)
        /// The journal that is there: steps after `start` are compared with their records as far as `end`, then added.
        case continueFrom(start: JournalPosition, end: JournalPosition)
    }

    let action: Action
    /// Whether records hold the fitness of a step, and not a digest alone.
    let keepsFitness: Bool
    /// What the user has to know.
    private(set) var notices: [String] = []

    /// Whether records are added to the journal that is there.
    var continuesJournal: Bool {
        if case .continueFrom = action { true } else { false }
    }

    /// Plans the journal of a new run.
    init(new header: JournalHeader) {
        action = .begin(header, isOldSetAside: false)
        keepsFitness = header.content != .evaluation
    }

    /// Plans the journal of a run that is continued.
    /// - Parameters:
    ///   - path: The journal.
    ///   - header: What a journal of this run begins with; its weights are those that the run continues with.
    ///   - state: The state of the checkpoint to continue from; nil to begin at step 0.
    ///   - isReplanned: Whether the steps after the checkpoint are done again in another way.
    /// - Throws: ``ResumeError`` when the journal is of another run, or `FileError`.
    init(
        resuming path: String, _ header: JournalHeader, state: TrainingState?,
        isReplanned: Bool = false
    ) throws {
        keepsFitness = header.content != .evaluation
        var begun = header
        begun.firstStep = state?.step ?? 0
        guard try Files.kind(path) != nil else {
            action = .begin(begun, isOldSetAside: false)
            if let state { notices = [Self.notice(path, "is missing", state.step)] }
            return
        }
        let scan: JournalScan
        do {
            scan = try JournalScan(path, marking: state?.step ?? 0)
        } catch let error as JournalError where !error.isOfOtherVersion {
            action = .begin(begun, isOldSetAside: true)
            notices = [Self.notice(path, error.finding, begun.firstStep)]
            return
        }
        try Self.check(scan, belongsTo: header, isFromBeginning: state == nil, path)
        guard let start = scan.mark else {
            action = .begin(begun, isOldSetAside: true)
            let finding = scan.damage?.finding ?? "ends after step \(scan.end.step)"
            notices = [Self.notice(path, finding, begun.firstStep)]
            return
        }
        if let state, XXH64.hex(start.chain) != state.journalChain {
            throw ResumeError(
                path,
                "has the checksum \(XXH64.hex(start.chain)) after step \(state.step), the checkpoint says"
                    + " \(state.journalChain)",
                remedy: "restore the journal of this run")
        }
        action = .continueFrom(start: start, end: isReplanned ? start : scan.end)
        if let damage = scan.damage {
            notices.append(
                "\(damage.location): \(damage.finding); cut off there, steps after \(scan.end.step) are done"
                    + " again")
        }
    }

    private static func notice(_ path: String, _ finding: String, _ step: Int) -> String {
        "\(path): \(finding); a new journal begins after step \(step)"
            + (step == 0 ? "" : ", and replay cannot rebuild the steps before")
    }

    /// Checks that a journal is of this run.
    /// - Throws: ``ResumeError`` naming the first difference.
    private static func check(
        _ scan: JournalScan, belongsTo header: JournalHeader, isFromBeginning: Bool, _ path: String
    ) throws(ResumeError) {
        let found = scan.header
        func refuse(_ what: String, _ found: String, _ wanted: String) -> ResumeError {
            ResumeError(
                path, "was made with \(what) \(found), this run has \(wanted)",
                remedy: "use the config and data of the run, or another --output for a new one")
        }
        guard found.content == header.content else {
            throw refuse("the content", "\(found.content)", "\(header.content)")
        }
        let words: [(String, KeyPath<JournalHeader, UInt64>)] = [
            ("the seed", \.seed), ("settings of the hash", \.configIdentity),
            ("training tokens of the hash", \.dataIdentity),
        ]
        for (what, word) in words where found[keyPath: word] != header[keyPath: word] {
            let isNumber = word == \.seed
            func shown(_ value: UInt64) -> String { isNumber ? "\(value)" : XXH64.hex(value) }
            throw refuse(what, shown(found[keyPath: word]), shown(header[keyPath: word]))
        }
        // Weights of later steps are compared by the checkpoint and by the digests of the records.
        let isComparable = isFromBeginning && found.firstStep == 0
        guard !isComparable || found.initialWeights == header.initialWeights else {
            throw refuse(
                "initial weights of the hash", XXH64.hex(found.initialWeights),
                XXH64.hex(header.initialWeights))
        }
    }
}

/// A journal read from its beginning to its end or its first damage.
struct JournalScan {
    let header: JournalHeader
    /// The position after the last sound record.
    let end: JournalPosition
    /// The position after the record of the step that was asked for; nil where the journal has no such record.
    let mark: JournalPosition?
    /// What is wrong with the bytes after `end`; nil where there are none.
    let damage: JournalError?

    /// Reads a journal and notes the position after `step`.
    /// - Throws: `JournalError` where not even the header is sound, or `FileError`.
    init(_ path: String, marking step: Int) throws {
        var reader = try JournalReader(path)
        header = reader.header
        var mark = reader.position.step == step ? reader.position : nil
        var damage: JournalError?
        do {
            while let record = try reader.next() {
                if record.step == step { mark = reader.position }
            }
        } catch let error as JournalError {
            damage = error
        }
        self.mark = mark
        self.damage = damage
        end = reader.position
    }
}
