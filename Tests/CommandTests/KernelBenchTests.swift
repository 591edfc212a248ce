import CLibrary
import EvolutionStrategy
import IntegerTensor
import Pretraining
import Storage
import TestSupport
import Testing

@testable import Commands

/// `kernel-bench` as a user runs it.
@Suite struct KernelBenchTests {
    @Test func listsTheKernels() throws {
        let result = try Workspace().run(.kernelBench, ["--list", "--names"])
        expectSuccess(result)
        #expect(result.text.split(separator: "\n").map(String.init) == Kernel.available.map(\.name))
    }

    @Test func measuresShapesAndPopulationsByThread() throws {
        let flags = ["--shape", "1x16x16", "--shape", "2x7x0", "--population", "32", "--scaling"]
        let more = ["--population", "64", "--tokens", "3", "--blocks", "2", "--threads", "2"]
        let result = try Workspace().run(.kernelBench, flags + more + ["--json"])
        expectSuccess(result)
        let reports = try result.text.split(separator: "\n").map { try JSONValue(Array($0.utf8)) }
        let expected = ["1x16x16", "2x7x0"].flatMap { shape in
            [32, 64].flatMap { size in [1, 2].map { "\(shape) \(size) \($0)" } }
        }
        #expect(
            reports.map { report in
                (report["shape"]?.string ?? "") + " \(report["population"]?.integer ?? 0)"
                    + " \(report["threads"]?.integer ?? 0)"
            } == expected)
        for report in reports {
            try check(report)
            #expect(report["method"]?.string == "eggroll")
            #expect(report["partPermille"]?["credit"] == nil)
            // The weights of the matrices: 256·D + layers · (4·D² + 2·D·H).
            let expected = report["shape"]?.string == "1x16x16" ? 5632 : 256 * 7 + 2 * 4 * 49
            #expect(try multiplyAccumulatesPerMemberToken(report) == expected)
        }
    }

    private func check(_ report: JSONValue) throws {
        for name in ["memberTokensPerSecond", "macPerSecond", "rooflineMacPerSecond"] {
            let low = try #require(report[name + "P10"]?.integer)
            let median = try #require(report[name]?.integer)
            let high = try #require(report[name + "P90"]?.integer)
            #expect(0 < low && low <= median && median <= high, "\(name)")
        }
        #expect((report["peakMemoryBytes"]?.integer ?? 0) > 1_000_000)
        let parts = try #require(report["partPermille"]?.members)
        let shares = try parts.map { try #require($0.value.integer) }
        #expect(shares.allSatisfy { $0 >= 0 })
        // Each share is rounded.
        #expect(abs(shares.reduce(0, +) - 1000) <= parts.count)
        for name in ["products", "normalize", "loss", "votes", "update", "waiting"] {
            #expect(parts.contains { $0.key == name }, "\(name)")
        }
    }

    @Test func theTableNamesEachKernelAndPart() throws {
        let flags = ["--shape", "1x8x8", "--population", "16", "--tokens", "2", "--blocks", "1"]
        let result = try Workspace().run(
            .kernelBench, flags + ["--threads", "1", "--every-kernel"])
        expectSuccess(result)
        for kernel in Kernel.available { #expect(result.text.contains(" \(kernel.name) ")) }
        #expect(result.text.contains("% of a step: products "))
        #expect(result.text.contains("share (p10-p90)"))
        #expect(result.text.contains("of the speed of batch inference, by processor time "))
        #expect(!result.text.contains("full-rank noise"))
    }

    /// Both kinds of noise of full rank are measured where that is asked for.
    @Test func comparesWithNoiseOfFullRank() throws {
        let flags = ["--shape", "1x40x16", "--population", "32", "--tokens", "9", "--blocks", "1"]
        let result = try Workspace().run(.kernelBench, flags + ["--naive", "--threads", "2"])
        expectSuccess(result)
        #expect(result.text.contains(" times that of full-rank noise stored"))
        #expect(result.text.contains(" times that of full-rank noise redrawn"))
        let json = try Workspace().run(.kernelBench, flags + ["--naive", "--json"])
        expectSuccess(json)
        let report = try JSONValue(Array(json.text.utf8))
        let names = [
            "storedNaiveTokensPerSecond", "redrawnNaiveTokensPerSecond", "inferencePermille",
        ]
        for name in names { #expect((report[name]?.integer ?? 0) > 0, "\(name)") }
    }

    /// The rows of contexts are a part of the step, and of no other model's.
    @Test func measuresContexts() throws {
        let flags = ["--shape", "1x16x16", "--population", "32", "--tokens", "3", "--blocks", "2"]
        func report(_ more: [String]) throws -> JSONValue {
            let result = try Workspace().run(
                .kernelBench, flags + ["--threads", "2", "--json"] + more)
            expectSuccess(result)
            let lines = result.text.split(separator: "\n")
            #expect(lines.count == 1)
            return try JSONValue(Array(try #require(lines.first).utf8))
        }
        let with = try report(["--contexts", "2, 3,word", "--context-rows", "4096"])
        try check(with)
        #expect((with["partPermille"]?["contexts"]?.integer ?? 0) > 0)
        let without = try report([])
        #expect((without["partPermille"]?["contexts"]?.integer ?? 0) == 0)
        #expect(with["shape"]?.string == "1x16x16")
    }

    @Test func theTableNamesThePartOfContexts() throws {
        let flags = ["--shape", "1x8x8", "--population", "16", "--tokens", "2", "--blocks", "1"]
        let result = try Workspace().run(
            .kernelBench,
            flags + ["--threads", "1", "--contexts", "word-pair", "--context-rows", "256"])
        expectSuccess(result)
        let line = result.text.split(separator: "\n").first { $0.contains("% of a step: ") }
        #expect(line?.contains("contexts ") == true, "\(result.text)")
    }

    /// The parts that only one method has are measured for it and named for no other.
    @Test func measuresNodePerturbation() throws {
        let flags = ["--method", "node-perturbation", "--shape", "1x16x16", "--population", "32"]
        func report(_ more: [String]) throws -> JSONValue {
            let result = try Workspace().run(
                .kernelBench, flags + more + ["--blocks", "1", "--threads", "1", "--json"])
            expectSuccess(result)
            return try JSONValue(result.output)
        }
        let plain = try report(["--tokens", "3"])
        try check(plain)
        #expect(plain["method"]?.string == "node-perturbation")
        let parts = try #require(plain["partPermille"])
        for name in ["credit", "feedback", "noise", "softmax", "perturbation"] {
            #expect((parts[name]?.integer ?? 0) > 0, "\(name)")
        }
        #expect(parts["contexts"] == nil && parts["vectors"] == nil)
        // By hand, for 256 bytes: the matrices have 256·16 + 4·16² + 2·16² = 5632 weights, 1024 of them in the recurrence.
        // For a token a group of two members computes 1024 + 2·4608 in the forward pass, 5632 for its votes, and 32·256 for
        // the feedback's predictions with a quarter of that for its votes: 26,112.
        #expect(try multiplyAccumulatesPerMemberToken(plain) == 26112 / 2)
        let contexts = try report(["--contexts", "2,word", "--context-rows", "4096"])
        try check(contexts)
        #expect((contexts["partPermille"]?["contexts"]?.integer ?? 0) > 0)
        #expect(contexts["segmentTokens"]?.integer == 8)
        #expect(contexts["contexts"]?.string == "2, word")
        #expect(contexts["contextRows"]?.integer == 4096)
    }

    /// Both speeds are rounded down.
    private func multiplyAccumulatesPerMemberToken(_ report: JSONValue) throws -> Int {
        let work = try #require(report["macPerSecond"]?.integer)
        let tokens = try #require(report["memberTokensPerSecond"]?.integer)
        return (work + tokens / 2) / tokens
    }

    /// What is measured where no shape is named is what the quickstart trains.
    @Test func nodePerturbationIsThatOfTheQuickstart() throws {
        let config = try RunConfig(file: PackageFiles.path("Configs/quickstart.yaml"))
        var plain = config.model
        (plain.contexts, plain.contextRows) = ([], 0)
        let method = BenchMethod.nodePerturbation
        #expect(method.usualModels == [plain, config.model])
        let population = Population(size: 1024, segmentTokens: method.usualTokens)
        #expect(config.population == population)
        let (trained, measured) = (
            config.method as? NodePerturbation, method.method(population) as? NodePerturbation
        )
        #expect(trained != nil && trained?.noise == measured?.noise)
        #expect(BenchMethod.allCases.map(\.rawValue) == [Eggroll.name, NodePerturbation.name])
    }

    /// Needs 267 GB: only a machine that has them measures it.
    @Test(.enabled(if: sysconf(Int32(_SC_PHYS_PAGES)) < 260_000_000_000 / Int(getpagesize())))
    func moreThanTheMemoryIsRefused() throws {
        let flags = ["--shape", "64x4096x16383", "--population", "528416"]
        let result = try Workspace().run(.kernelBench, flags)
        expectError(
            result, code: 64, ["--shape: 64x4096x16383", "at least 267", "GB of memory", "smaller"])
    }

    @Test(arguments: bad) func isRefused(_ input: BadInput) throws { try input.check() }

    private static func bad(
        _ name: String, _ arguments: [String], _ fragments: String...
    ) -> BadInput {
        BadInput(name: name, command: .kernelBench, code: 64, fragments: fragments) { _ in
            arguments
        }
    }

    private static let largest = "9223372036854775807"

    static let bad: [BadInput] = [
        bad("a shape of two numbers", ["--shape", "6x256"], "--shape: '6x256'", "6x256x1024"),
        bad("a shape of words", ["--shape", "axbxc"], "--shape: 'axbxc'", "6x256x1024"),
        bad(
            "a shape past every range", ["--shape", "\(largest)x\(largest)x\(largest)"],
            "--shape: model.hidden: \(largest) is out of range", "use 1 to"),
        bad(
            "a population past its range", ["--population", largest],
            "--population: population.size: \(largest) is out of range", "use 2 to"),
        bad("an odd population", ["--population", "7"], "--population: ", "not divisible"),
        bad("a population of none", ["--population", "0"], "--population: ", "use 2 to"),
        bad(
            "a method of no name", ["--method", "backpropagation"],
            "The value 'backpropagation' is invalid for '--method <name>'", "node-perturbation"),
        bad(
            "more texts than votes of 32 bits",
            ["--method", "node-perturbation", "--population", "65536"],
            "--population: population.size: votes of 32768 texts x 8 tokens", "use fewer"),
        bad("no tokens", ["--tokens", "0"], "--tokens: population.segmentTokens: 0"),
        bad(
            "contexts of no name", ["--contexts", "2,trigram"], "--contexts: '2,trigram'",
            "word-pair"),
        bad("no contexts", ["--contexts", ""], "--contexts: ''", "divided by commas"),
        bad("contexts with a gap", ["--contexts", "2,,3"], "--contexts: '2,,3'"),
        bad(
            "a context twice", ["--contexts", "2,2"], "--contexts: model.contexts: ", "one twice"),
        bad(
            "rows that are no power of two", ["--contexts", "2", "--context-rows", "1000"],
            "--context-rows: model.contextRows: 1000 is no power of two", "use 512 or 1024"),
        bad(
            "rows past their range", ["--contexts", "2", "--context-rows", largest],
            "--context-rows: model.contextRows: \(largest) is out of range"),
        bad("no blocks", ["--blocks", "0"], "--blocks: 0 is out of range", "use 1 to 1000"),
        bad("no threads", ["--threads", "0"], "--threads: 0 is out of range", "use 1 to"),
    ]
}
