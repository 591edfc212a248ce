import EvolutionStrategy
import Journal
import Storage
import Testing

/// What `--resume` does about damage: it says what it found, and ends with the bytes of an undisturbed run.
@Suite struct RecoveryTests {
    /// Damage of the finished run of 12 steps with checkpoints 10 and 12.
    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Parts of the one warning.
        let fragments: [String]
        let make: @Sendable (Workspace) throws -> Void

        init(
            _ name: String, _ fragments: String...,
            make: @escaping @Sendable (Workspace) throws -> Void
        ) {
            testDescription = name
            self.fragments = fragments
            self.make = make
        }
    }

    private static let newest = "run/checkpoints/step-00000012"
    private static let model = newest + "/model.safetensors"
    private static let trained = newest + "/training.safetensors"
    private static let older = "set aside, the run continues after step 10"

    static let checkpoints: [Damage] = [
        Damage("a flipped weight", model, "do not match their checksum", older) {
            try $0.edit(model) { $0[$0.count - 100] ^= 1 }
        },
        Damage("a model cut short", model, "bytes", older) {
            try $0.edit(model) { $0.removeLast(50) }
        },
        Damage("an empty model", model, "too few", older) { try $0.write(model, "") },
        Damage("no model", model, "no such file", older) { try Files.remove($0[model]) },
        Damage("a flipped hidden state", trained, "do not match their checksum", older) {
            try $0.edit(trained) { $0[$0.count - 1] ^= 1 }
        },
        Damage("a flipped counter", trained, "header", older) {
            try $0.edit(trained) { bytes in
                let counter = try #require(bytes.firstRange(of: Array(#""step":"12""#.utf8)))
                bytes[counter.upperBound - 2] ^= 1
            }
        },
        Damage("no training state", trained, "no such file", older) {
            try Files.remove($0[trained])
        },
        Damage("the model of another run", newest, "do not belong together", older) {
            // Of the same shape and seed, and the same number of steps.
            expectSuccess(try $0.train("other", set: ["population.sigmaShift=5"]))
            try $0.write(model, try $0.model("other"))
        },
        Damage("the model of another step", newest, "do not belong together", older) {
            try $0.write(model, try $0.read("run/checkpoints/step-00000010/model.safetensors"))
        },
        Damage("the checkpoint of another step", newest, "do not belong together", older) {
            for name in ["model.safetensors", "training.safetensors"] {
                try $0.write(
                    "\(newest)/\(name)", try $0.read("run/checkpoints/step-00000010/\(name)"))
            }
        },
    ]

    @Test(arguments: checkpoints) func aDamagedCheckpointIsPassedOver(_ damage: Damage) throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        let expected = try workspace.snapshot()
        try damage.make(workspace)
        try expectWarning(try workspace.train("run", flags: ["--resume"]), damage.fragments)
        var found = try workspace.snapshot().filter { !$0.key.hasPrefix("other") }
        #expect(found["\(Self.newest).damaged"] == "directory")
        found = found.filter { !$0.key.hasPrefix("\(Self.newest).damaged") }
        // Times differ, so that the state and the log do.
        for name in [Self.trained, "run/metrics.jsonl", "run/machines.jsonl"] {
            found[name] = expected[name]
        }
        #expect(found == expected)
        expectSuccess(try workspace.train("run", flags: ["--resume"]))
    }

    /// Bytes of the header and of a record of 16 pairs without and with a digest.
    private static let (header, record, digest) = (72, 28, 8)

    static let journals: [Damage] = [
        Damage("torn", "journal.egg: byte 388: a record is cut off", "after 11 are done again") {
            try $0.edit("run/journal.egg") { $0.removeLast(5) }
        },
        Damage("followed by noise", "journal.egg: byte 424: ", "cut off there") {
            try $0.edit("run/journal.egg") { $0 += [UInt8](repeating: 7, count: 100) }
        },
        Damage("damaged after the checkpoint", "journal.egg: byte 360: ", "after 10 are done") {
            try $0.edit("run/journal.egg") { $0[380] ^= 1 }
        },
    ]

    @Test(arguments: journals) func aTornJournalIsCut(_ damage: Damage) throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        let expected = (try workspace.model("run"), try workspace.read("run/journal.egg"))
        try #require(expected.1.count == Self.header + 12 * Self.record + 2 * Self.digest)
        try Files.removeTree(workspace[Self.newest])
        try damage.make(workspace)
        try expectWarning(try workspace.train("run", flags: ["--resume"]), damage.fragments)
        #expect(try workspace.model("run") == expected.0)
        #expect(try workspace.read("run/journal.egg") == expected.1)
        expectSuccess(try workspace.run(.replay, ["--run", "run", "--verify"]))
    }

    static let lost: [Damage] = [
        Damage("missing", "run/journal.egg: is missing", "begins after step 10") {
            try Files.remove($0["run/journal.egg"])
        },
        Damage("damaged before the checkpoint", "does not match", "begins after step 10") {
            try $0.edit("run/journal.egg") { $0[120] ^= 1 }
        },
        Damage("without a header", "not a journal", "begins after step 10") {
            try $0.write("run/journal.egg", "text")
        },
        Damage("too short for the checkpoint", "ends after step 5", "begins after step 10") {
            try $0.edit("run/journal.egg") { $0.removeLast($0.count - header - 5 * record) }
        },
    ]

    /// A journal of a later version is sound, and the program that wrote it goes on with it.
    @Test(arguments: [2, 200]) func aJournalOfALaterVersionIsLeftAlone(_ version: UInt8) throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        try workspace.edit("run/journal.egg") { $0[8] = version }
        let before = try workspace.snapshot()
        expectError(
            try workspace.train("run", flags: ["--resume"]), code: 1,
            ["run/journal.egg", "format version \(version)", "the version of the toolkit"])
        #expect(try workspace.snapshot() == before)
    }

    /// The run goes on with a new journal, which says that replay cannot go back behind its beginning.
    @Test(arguments: lost) func aLostJournalIsBegunAnew(_ damage: Damage) throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        let expected = try workspace.model("run")
        try Files.removeTree(workspace[Self.newest])
        try damage.make(workspace)
        let wasThere = try Files.kind(workspace["run/journal.egg"]) != nil
        try expectWarning(try workspace.train("run", flags: ["--resume"]), damage.fragments)
        #expect(try workspace.model("run") == expected)
        #expect(try (Files.kind(workspace["run/journal.egg.damaged"]) != nil) == wasThere)
        expectError(
            try workspace.run(.replay, ["--run", "run", "--verify"]), code: 1,
            ["run/journal.egg: begins after step 10", "use the run's checkpoints"])
        expectSuccess(try workspace.train("run", set: ["run.steps=13"], flags: ["--resume"]))
    }

    /// A step that comes out differently the second time stops the run, which then has saved nothing of it.
    @Test(arguments: [false, true]) func aStepThatDiffersStopsTheRun(_ inWeights: Bool) throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        try Files.removeTree(workspace[Self.newest])
        let was = try change(workspace, inWeights: inWeights)
        let before = try workspace.checkpoints("run")
        let fragments =
            inWeights
            ? ["run/journal.egg: step 12: the digest of the weights is", "the journal says 0000"]
            : [
                "run/journal.egg: step 12: the fitness of direction 3 is \(was)",
                "says \(was == 0 ? 1 : 0)",
            ]
        expectError(try workspace.train("run", flags: ["--resume"]), code: 1, fragments)
        #expect(try workspace.checkpoints("run") == before)
    }

    /// Rewrites the journal with another last record, its checksums in order.
    /// - Returns: the fitness of direction 3 in the old record.
    private func change(_ workspace: Workspace, inWeights: Bool) throws -> Int8 {
        var reader = try JournalReader(workspace["run/journal.egg"])
        let writer = try JournalWriter(workspace["changed"], header: reader.header)
        var was: Int8 = 0
        while let record = try reader.next() {
            guard record.step == 12, case .fitness(let fitness) = record.outcome else {
                try writer.append(record)
                continue
            }
            var values = fitness.values
            was = values[3]
            if !inWeights { values[3] = was == 0 ? 1 : 0 }
            try writer.append(
                JournalRecord(
                    step: 12, outcome: .fitness(Fitness(.sign, values: values)),
                    weightsDigest: inWeights ? 0 : record.weightsDigest))
        }
        try Files.rename(workspace["changed"], to: workspace["run/journal.egg"])
        return was
    }

    /// Expects success and one line `warning: ...` with these parts in their order.
    private func expectWarning(_ result: CommandResult, _ fragments: [String]) throws {
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.errors.wholeMatch(of: /warning: [^\n]+\n/) != nil, "\(result.errors)")
        var rest = result.errors[...]
        for fragment in fragments {
            let range = try #require(
                rest.firstRange(of: fragment), "\(fragment) in \(result.errors)")
            rest = rest[range.upperBound...]
        }
    }
}
