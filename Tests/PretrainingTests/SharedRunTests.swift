import Checkpoints
import Processes
import RecurrentLM
import Storage
import TestSupport
import Testing

@testable import EvolutionStrategy
@testable import Pretraining

/// Runs of several processes: the bytes of one process, or one message.
@Suite struct SharedRunTests {
    private static func settings(
        _ population: String, _ rule: String, method: String = "eggroll", model: String = "",
        segmentTokens: Int = 5
    ) -> String {
        """
        method: \(method)
        model: {hidden: 12, layers: 2, mlpWidth: 20\(model)}
        population: {\(population), segmentTokens: \(segmentTokens)}
        update: {rule: \(rule)}
        run: {steps: 8}
        validation: {every: 4, tokens: 256, streams: 4}
        checkpoints: {every: 3, keep: 9}
        journal: {digestEvery: 2}
        """
    }

    /// Both samplings, signs and magnitudes, groups that shares cut, noise on activations, and contexts.
    private static let runs =
        [
            settings("size: 26, groupSize: 2", "threshold"),
            settings("size: 24, groupSize: 12, sequencesPerMember: 3", "residual"),
            settings(
                "size: 30, groupSize: 6, sampling: one-sided, sequencesPerMember: 2", "threshold"),
            settings("size: 12, groupSize: 3, sampling: one-sided", "residual"),
            settings("size: 12, groupSize: 3, sampling: one-sided, head: delta", "residual"),
            settings("size: 26, groupSize: 2, rank: 4", "threshold"),
            settings("size: 12, groupSize: 3, sampling: one-sided, rank: 16", "residual"),
            settings("size: 20, groupSize: 4", "momentum", method: "node-perturbation"),
            settings("size: 12, feedback: learned", "momentum", method: "node-perturbation"),
        ] + runsWithContexts

    /// Tables whose rows many contexts share, one whose rows are seldom read, direct connections; of both methods. The
    /// rows of the last are emptied before the steps 3 and 6, as the text is over.
    private static let runsWithContexts = [
        settings(
            "size: 20, groupSize: 2, feedback: learned", "momentum", method: "node-perturbation",
            model: ", contexts: [1, 3, word, word-pair], contextRows: 256"),
        settings(
            "size: 24, groupSize: 8", "momentum", method: "node-perturbation",
            model: ", contexts: [2, word], contextRows: 65536"),
        settings(
            "size: 24, groupSize: 8, feedback: learned", "momentum", method: "node-perturbation",
            model: ", contexts: [2, word], contextRows: 512, direct: true"),
        settings(
            "size: 26, groupSize: 2", "threshold",
            model: ", contexts: [1, 3, word], contextRows: 256"),
        settings(
            "size: 24, groupSize: 12, sequencesPerMember: 3, fitness: magnitude8", "residual",
            model: ", contexts: [2, word-pair], contextRows: 4096"),
        settings(
            "size: 12, groupSize: 3, sampling: one-sided", "residual",
            model: ", contexts: [2, word], contextRows: 512"),
        settings(
            "size: 30, groupSize: 6, sampling: one-sided, sequencesPerMember: 2", "threshold",
            model: ", contexts: [1, 3, word], contextRows: 256, direct: true"),
        settings(
            "size: 12, groupSize: 2, sampling: one-sided, head: delta", "residual",
            model: ", contexts: [2, word], contextRows: 512, direct: true"),
        manyReadings,
    ]

    private static let manyReadings = settings(
        "size: 60, groupSize: 2, feedback: learned", "momentum", method: "node-perturbation",
        model: ", contexts: [2, word], contextRows: 16384, direct: true", segmentTokens: 200)

    /// The rows of the last model that contexts own.
    private func ownedRows(_ run: SharedRun, _ output: String, step: Int) throws -> Int {
        let path = RunDirectory(path: run.path(output)).checkpoint(step: step)
        let model = try ModelCheckpoint.read(Paths.join(path, ModelCheckpoint.fileName))
        let table = try #require(model.parameters.contexts)
        return (0..<table.rows).count { table.tag(row: $0) != 0 }
    }

    @Test func rowsBeginAnewWithTheText() throws {
        let run = try SharedRun(Self.manyReadings)
        #expect(run.train("run", processes: 1).allSatisfy { $0 == nil })
        // After the steps 3 and 6 the rows have read one segment, after 5 and 8 all of the text.
        let owned = try [3, 6, 8].map { try ownedRows(run, "run", step: $0) }
        #expect(owned[0] < owned[2] && owned[1] < owned[2], "\(owned)")
        #expect(
            run.train("short", processes: 1, overrides: { _ in ["run.steps=3"] }).allSatisfy {
                $0 == nil
            })
        #expect(try ownedRows(run, "short", step: 3) == owned[2])
    }

    /// What a run leaves behind, but for times.
    private func remains(_ run: SharedRun, _ output: String, step: Int) throws -> [String] {
        let directory = RunDirectory(path: run.path(output))
        let checkpoint = directory.checkpoint(step: step)
        let state = try SafetensorsFile.read(
            Paths.join(checkpoint, RunDirectory.trainingFile), atMost: 1 << 24)
        var metadata = state.metadata
        metadata["wall_microseconds"] = nil
        metadata["header_xxh64"] = nil  // covers the one above
        var remains: [String] = state.tensors.map { "\($0.name) \($0.shape) \($0.bytes)" }
        remains += metadata.entries.map { "\($0.key) \($0.value)" }
        let metrics = try Files.read(directory.metrics, atMost: 1 << 20)
        for line in String(decoding: metrics, as: UTF8.self).split(separator: "\n") {
            let kept = line.split(separator: ",").filter { part in
                !part.contains("wall") && !part.contains("PerSecond")
            }
            remains.append(kept.joined(separator: ","))
        }
        let model = try Files.read(
            Paths.join(checkpoint, ModelCheckpoint.fileName), atMost: 1 << 24)
        let journal = try Files.read(directory.journal, atMost: 1 << 24)
        return remains + ["\(model)", "\(journal)"]
    }

    @Test(arguments: runs) func anyNumberOfProcessesLeavesTheSameBytes(_ settings: String) throws {
        let run = try SharedRun(settings)
        #expect(run.train("1", processes: 1).allSatisfy { $0 == nil })
        let expected = try remains(run, "1", step: 8)
        for count in [2, 3, 5, 16] {
            // Simulated processes get in each other's way, so that shares are moved again and again.
            let sharing =
                count % 2 == 0
                ? WorkSharing(update: .always, rebalanceEvery: 2)
                : WorkSharing(update: .never, rebalanceEvery: 0)
            let errors = run.train("\(count)", processes: count, sharing: sharing)
            #expect(errors.allSatisfy { $0 == nil })
            #expect(try remains(run, "\(count)", step: 8) == expected, "\(count) processes")
        }
        // Stopped and continued by other numbers of processes.
        #expect(run.train("s", processes: 3, stop: 2).allSatisfy { $0 == nil })
        #expect(run.train("s", processes: 5, stop: 5, resume: true).allSatisfy { $0 == nil })
        #expect(run.train("s", processes: 2, resume: true).allSatisfy { $0 == nil })
        #expect(try remains(run, "s", step: 8) == expected)
    }

    @Test(arguments: runsWithContexts) func anyNumberOfThreadsLeavesTheSameBytes(_ settings: String)
        throws
    {
        let run = try SharedRun(settings)
        #expect(run.train("1", processes: 1, threads: 1).allSatisfy { $0 == nil })
        let expected = try remains(run, "1", step: 8)
        for threads in [2, 5] {
            let errors = run.train("\(threads)", processes: 1, threads: threads)
            #expect(errors.allSatisfy { $0 == nil })
            #expect(try remains(run, "\(threads)", step: 8) == expected, "\(threads) threads")
        }
        // Stopped and continued with other numbers of threads.
        #expect(run.train("s", processes: 1, threads: 5, stop: 3).allSatisfy { $0 == nil })
        let errors = run.train("s", processes: 1, threads: 2, resume: true)
        #expect(errors.allSatisfy { $0 == nil })
        #expect(try remains(run, "s", step: 8) == expected)
    }

    @Test(arguments: [("inputs", 0), ("inputs", 2), ("logits", 2), ("inputs", 3), ("logits", 6)])
    func aRunWithoutTheReadingsOfItsContextsIsNotContinued(_ table: String, _ settings: Int) throws
    {
        let run = try SharedRun(Self.runsWithContexts[settings])
        #expect(run.train("run", processes: 1, stop: 3).allSatisfy { $0 == nil })
        let checkpoint = RunDirectory(path: run.path("run")).checkpoint(step: 3)
        let path = Paths.join(checkpoint, RunDirectory.trainingFile)
        var file = try SafetensorsFile.read(path)
        let count = file.tensors.count
        file.tensors.removeAll { $0.name == "contexts.readings.\(table)" }
        #expect(file.tensors.count == count - 1)
        try file.write(to: path)
        expect(
            run.train("run", processes: 2, resume: true),
            "has no 'contexts.readings.\(table)'")
    }

    /// Expects the same text from every process.
    private func expect(
        _ errors: [(any Error)?], _ parts: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let texts = errors.map { $0.map { "\($0)" } ?? "no error" }
        for part in parts {
            #expect(
                texts.allSatisfy { $0.contains(part) }, "\(texts)", sourceLocation: sourceLocation)
        }
        #expect(errors.allSatisfy { $0 is SharedFailure }, sourceLocation: sourceLocation)
    }

    @Test func sharesFollowMeasuredSpeed() throws {
        let population = Population(size: 200, segmentTokens: 5)
        let errors = together(4) { process in
            let even = WorkDivision(process, threads: 1)
            func directions(_ division: WorkDivision?) -> [Int]? {
                division?.slices(of: population).map(\.directions.count)
            }
            #expect(directions(even) == [25, 25, 25, 25])
            // Not worth it: the slowest takes 4 % more than the mean.
            let near = [100, 104, 100, 96][process.rank]
            #expect(even.rebalanced(afterEvaluating: population, in: near) == nil)
            // One has a quarter of the speed of the others.
            let times = [1000, 4000, 1000, 1000]
            let first = even.rebalanced(afterEvaluating: population, in: times[process.rank])
            #expect(directions(first) == [30, 8, 31, 31])
            // It stays so while the times agree, and goes back when all are as fast.
            let level = [1200, 1280, 1240, 1240][process.rank]
            #expect(first?.rebalanced(afterEvaluating: population, in: level) == nil)
            let fast = [30, 8, 31, 31][process.rank] * 40
            let second = first?.rebalanced(afterEvaluating: population, in: fast)
            #expect(directions(second) == [25, 25, 25, 25])
            // A clock that stood still, and one that ran for years.
            let odd = [0, Int.max, 0, 0][process.rank]
            #expect(
                directions(even.rebalanced(afterEvaluating: population, in: odd))
                    == [32, 2, 33, 33])
        }
        #expect(errors.allSatisfy { $0 == nil })
        // With more processes than directions some have no share, and no speed.
        _ = together(8) { process in
            let division = WorkDivision(process, threads: 1)
            #expect(
                division.rebalanced(
                    afterEvaluating: Population(size: 6, segmentTokens: 5), in: process.rank) == nil
            )
        }
    }

    @Test func otherSettingsInOneProcessAreRefused() throws {
        let run = try SharedRun(Self.runs[0])
        let errors = run.train("run", processes: 3) { $0 == 2 ? ["population.size=52"] : [] }
        expect(
            errors, "process 2 of 3 (node2): population.size: is 52",
            "population.size is 26 in process 0")
        #expect(try Files.kind(run.path("run")) == nil)
    }

    @Test func anotherRunDirectoryInOneProcessIsRefused() throws {
        let run = try SharedRun(Self.runs[0])
        expect(
            run.train("run", processes: 3, oddOne: 2), "process 2 of 3 (node2): the run directory")
        for name in ["run", "run-other"] { #expect(try Files.kind(run.path(name)) == nil) }
        #expect(run.train("run", processes: 2, stop: 2).allSatisfy { $0 == nil })
        expect(
            run.train("run", processes: 3, resume: true, oddOne: 1),
            "process 1 of 3 (node1): --resume")
    }

    @Test func aCorpusThatOneProcessLacksIsNamed() throws {
        let run = try SharedRun(Self.runs[0])
        let missing = "data.shards=\(run.path("nowhere"))"
        let errors = run.train("run", processes: 3) { $0 == 1 ? [missing] : [] }
        expect(errors, "process 1 of 3 (node1): ", "nowhere")
        #expect(try Files.kind(run.path("run")) == nil)
    }

    @Test func aFaultOfAllProcessesNamesNone() throws {
        let run = try SharedRun(Self.runs[0])
        let missing = "data.shards=\(run.path("nowhere"))"
        let errors = run.train("run", processes: 2) { _ in [missing] }
        expect(errors, "nowhere")
        #expect(!errors.contains { "\($0.map { "\($0)" } ?? "")".contains("process") })
    }

    @Test func aFaultOfTheFirstProcessReachesAll() throws {
        let run = try SharedRun(Self.runs[0])
        #expect(run.train("run", processes: 2).allSatisfy { $0 == nil })
        expect(run.train("run", processes: 3), "process 0 of 3 (node0): ", "already holds a run")
    }

    @Test(arguments: [(2, 1), (3, 0), (3, 2), (5, 4)])
    func weightsThatDifferNameProcessAndTensor(_ count: Int, _ odd: Int) throws {
        let config = ModelConfig(hidden: 8, layers: 2, mlpWidth: 8)
        let errors = together(count) { process in
            var parameters = Parameters(config: config, seed: 1)
            try process.requireSameWeights(parameters, step: 1)
            let id = parameters.layout.layers[1].wh
            if process.rank == odd { parameters.values[id][3] ^= 1 }
            try process.requireSameWeights(parameters, step: 40)
        }
        expect(errors, "step 40: process \(odd) of \(count) (node\(odd)): ", "layers.1.Wh")
    }
}
