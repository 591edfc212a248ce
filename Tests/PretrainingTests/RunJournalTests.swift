import IntegerTensor
import Journal
import RecurrentLM
import Storage
import TestSupport
import Testing

@testable import EvolutionStrategy
@testable import Pretraining

/// The journal of a run: new steps are added, steps done again are compared.
@Suite struct RunJournalTests {
    private let temporary: TemporaryDirectory
    private let config: RunConfig
    private let parameters: Parameters

    init() throws {
        temporary = try TemporaryDirectory()
        config = try RunConfig(file: try temporary.write("config.yaml", minimalConfig))
        parameters = Parameters(config: config.model, seed: config.seed)
    }

    private var path: String { temporary.file("journal.egg") }

    private func header(_ content: VoteOrigin) -> JournalHeader {
        config.journalHeader(
            content: content, dataIdentity: 1, initialWeights: parameters.weightsDigest)
    }

    /// What a step of a run looks like to its journal; fitness nil stands for votes of another origin.
    private func record(
        _ journal: RunJournal, step: Int, fitness: [Int8]?, vote: Int32 = 0,
        withDigest: Bool = false
    ) throws {
        let votes = Votes(layout: parameters.layout)
        votes.values[0].pointer[0] = vote
        votes.fitness = fitness.map { Fitness(.sign, values: $0) }
        try journal.record(
            votes, step: step, parameters: parameters, withDigest: withDigest)
    }

    /// A journal of 4 steps, the second with a digest.
    private func makeJournal(_ content: VoteOrigin) throws {
        let journal = try RunJournal(path, JournalPlan(new: header(content)))
        for step in 1...4 {
            let fitness: [Int8]? = content.directions > 0 ? [1, -1, 0, Int8(step % 2)] : nil
            try record(
                journal, step: step, fitness: fitness, vote: Int32(step), withDigest: step == 2)
        }
    }

    private static let contents: [VoteOrigin] = [.fitness(.sign, directions: 4), .evaluation]

    /// Fitness that tells only a part of a step is not kept, but compared.
    @Test func aJournalOfDigestsHasThatOfTheFitness() throws {
        func journal(_ plan: JournalPlan) throws -> RunJournal { try RunJournal(path, plan) }
        try record(
            journal(JournalPlan(new: header(.evaluation))), step: 1, fitness: [1, -1, 0, 1], vote: 3
        )
        var reader = try JournalReader(path)
        guard case .votesDigest = try reader.next()?.outcome else {
            Issue.record("no digest")
            return
        }
        // A process may have counted another part of the votes.
        let plan = try JournalPlan(resuming: path, header(.evaluation), state: nil)
        #expect(plan.notices.isEmpty && plan.continuesJournal)
        try record(journal(plan), step: 1, fitness: [1, -1, 0, 1], vote: 4)
        #expect(throws: JournalMismatch.self) {
            try record(journal(plan), step: 1, fitness: [1, -1, 0, 0], vote: 3)
        }
    }

    @Test(arguments: contents) func stepsDoneAgainLeaveTheSameBytes(_ content: VoteOrigin)
        throws
    {
        try makeJournal(content)
        let bytes = try Files.read(path, atMost: 999)
        let plan = try JournalPlan(resuming: path, header(content), state: nil)
        #expect(plan.notices.isEmpty)
        let journal = try RunJournal(path, plan)
        for step in 1...5 {
            let fitness: [Int8]? = content.directions > 0 ? [1, -1, 0, Int8(step % 2)] : nil
            try record(journal, step: step, fitness: fitness, vote: Int32(step))
            if step == 4 { #expect(try Files.read(path, atMost: 999) == bytes) }
        }
        #expect(try Files.read(path, atMost: 999).starts(with: bytes))
        #expect(try JournalScan(path, marking: 5).mark?.chain == journal.chain)
    }

    @Test func aDifferenceInFitnessNamesBothValues() throws {
        try makeJournal(Self.contents[0])
        let plan = try JournalPlan(resuming: path, header(Self.contents[0]), state: nil)
        let journal = try RunJournal(path, plan)
        try record(journal, step: 1, fitness: [1, -1, 0, 1])
        let error = try #require(throws: JournalMismatch.self) {
            try record(journal, step: 2, fitness: [1, -1, 1, 0])
        }
        #expect(error.location == "\(path): step 2")
        #expect(error.finding == "the fitness of direction 2 is 1, the journal says 0")
    }

    @Test func aDifferenceInVotesNamesBothDigests() throws {
        try makeJournal(.evaluation)
        let plan = try JournalPlan(resuming: path, header(.evaluation), state: nil)
        let journal = try RunJournal(path, plan)
        let error = try #require(throws: JournalMismatch.self) {
            try record(journal, step: 1, fitness: nil, vote: 7)
        }
        #expect(error.location == "\(path): step 1")
        #expect(error.finding.contains(/votes is [0-9a-f]{16}, the journal says [0-9a-f]{16}/))
    }

    /// After a power cut the file may end anywhere behind what was synced.
    @Test func everyTornEndIsCut() throws {
        try makeJournal(Self.contents[0])
        let bytes = try Files.read(path, atMost: 999)
        let header = header(Self.contents[0])
        for count in 72...bytes.count {
            try temporary.overwrite("journal.egg", Array(bytes[..<count]))
            let plan = try JournalPlan(resuming: path, header, state: nil)
            let steps = try JournalScan(path, marking: 0).end.step
            #expect(plan.notices.isEmpty == (plan.isWhole(count)))
            let journal = try RunJournal(path, plan)
            for step in 1...4 {
                let fitness: [Int8] = [1, -1, 0, Int8(step % 2)]
                try record(journal, step: step, fitness: fitness, withDigest: step == 2)
            }
            #expect(try Files.read(path, atMost: 999) == bytes, "\(steps) steps, \(count) bytes")
        }
    }

    @Test func votesOfAnotherOriginCannotBeReplayed() throws {
        try makeJournal(.evaluation)
        let text = minimalConfig.replacing("data:", with: "method: node-perturbation\ndata:")
        try temporary.overwrite(
            "config.yaml", Array(text.replacing("threshold", with: "momentum").utf8))
        let error = try #require(throws: ReplayError.self) {
            try Replay(run: temporary.path, kernel: try .named("portable"), threads: 1)
        }
        #expect(error.finding.contains("holds digests of votes and no fitness"))
        #expect(error.finding.contains("can only be had from the data again"))
    }
}

extension JournalPlan {
    /// Whether the file of this size ends where the plan's last record does.
    fileprivate func isWhole(_ bytes: Int) -> Bool {
        if case .continueFrom(_, let end) = action { end.bytes == bytes } else { false }
    }
}
