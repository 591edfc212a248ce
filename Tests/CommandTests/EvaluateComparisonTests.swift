import CLibrary
import Storage
import Testing

/// `evaluate` with several models.
@Suite struct EvaluateComparisonTests {
    private let workspace: Workspace

    init() throws {
        workspace = try Workspace()
        try workspace.prepareFinishedRun()
        expectSuccess(
            try workspace.train(
                "wide", set: ["model.hidden=32", "model.contexts=[2]", "run.steps=3"]))
        try workspace.write("a.txt", "the old miller saw a fox")
        try workspace.write("dir/b.txt", String(repeating: "a barrel of apples ", count: 9))
    }

    private func evaluate(_ models: [String], _ flags: [String]) throws -> CommandResult {
        try workspace.run(.evaluate, ["--checkpoint"] + models + flags)
    }

    private func report(_ models: [String], _ flags: [String]) throws -> JSONValue {
        let result = try evaluate(models, flags + ["--json"])
        expectSuccess(result)
        return try JSONValue(result.output)
    }

    /// What does not depend on the clock.
    private func figures(_ report: JSONValue) -> [JSONValue.Member]? {
        report.members?.filter { $0.key != "seconds" }
    }

    /// The object of each model is the one that it has alone.
    @Test(arguments: [["run", "wide"], ["wide", "run"]])
    func eachModelHasTheScoresThatItHasAlone(_ models: [String]) throws {
        let flags = ["--input", "a.txt", "dir"]
        let both = try #require(report(models, flags)["models"]?.array)
        #expect(both.count == 2)
        for (found, model) in zip(both, models) {
            #expect(try figures(found) == figures(report([model], flags)))
        }
        let repeated = ["--checkpoint", models[1]] + flags
        #expect(
            try report([models[0]], repeated)["models"]?.array?.map(figures) == both.map(figures))
    }

    /// A line a text with a column a model, then a line of all bytes, then the better model to go on with.
    @Test func theTableHasAColumnForEachModel() throws {
        let flags = ["--input", "a.txt", "dir"]
        let cells = try ["run", "wide"].map { model in
            try evaluate([model], flags).text.split(separator: "\n")[2...4].map {
                $0.split(separator: " ")
            }
        }
        let result = try evaluate(["run", "wide"], flags)
        expectSuccess(result)
        let lines = result.text.split(separator: "\n")
        #expect(lines[0] == "exact bits/byte of 2 models")
        #expect(lines[1] == " run  run/latest/model.safetensors (step 12)")
        #expect(lines[2] == "wide  wide/latest/model.safetensors (step 3)")
        #expect(lines[3].split(separator: " ") == ["run", "wide", "unigram", "bytes", "text"])
        for row in 0..<3 {
            let (first, second) = (cells[0][row], cells[1][row])
            // Alone: bits/byte, exact, unigram, bytes, text.
            let expected = [first[1], second[1]] + first[2...4]
            #expect(Array(lines[4 + row].split(separator: " ").prefix(5)) == Array(expected))
        }
        #expect(lines[6].contains("195  all 2 texts, in "))
        func all(_ model: Int) -> String { String(cells[model][2][1]) }
        let better = all(0) <= all(1) ? "run" : "wide"
        #expect(lines[7] == "next: \(try BuiltCommand.sample.path) --checkpoint \(better)")
    }

    @Test func aSplitOfShardsIsOneRow() throws {
        let flags = ["--data", "shards", "--streams", "3"]
        let both = try #require(report(["run", "wide"], flags)["models"]?.array)
        let alone = try ["run", "wide"].map { try report([$0], flags) }
        for key in ["bytes", "exactBitsPerByte", "logLikelihood"] {
            #expect(both.map { $0[key] } == alone.map { $0[key] }, "\(key)")
        }
        let lines = try evaluate(["run", "wide"], flags).text.split(separator: "\n")
        #expect(lines.count == 7 && lines[4].hasSuffix("shards: split 'validation'"))
    }

    /// Two checkpoints of a run have different last words, and the same one twice is told by its path.
    @Test func theColumnsHaveTheShortestNamesThatDiffer() throws {
        let steps = ["run/checkpoints/step-00000010", "run/checkpoints/step-00000012"]
        let flags = ["--input", "a.txt"]
        let lines = try evaluate(steps, flags).text.split(separator: "\n")
        #expect(lines[3].hasPrefix("step-00000010  step-00000012  unigram"))
        let files = steps.map { $0 + "/model.safetensors" }
        let paths = try evaluate(files, flags).text.split(separator: "\n")
        #expect(paths[3].hasPrefix("\(files[0])  \(files[1])  unigram"))
    }

    @Test(
        arguments: [
            ["--input", "a.txt", "--per-token", "list"],
            ["--data", "shards", "--per-token", "list"],
            ["--input", "a.txt", "--worst", "2"], ["--input", "a.txt", "--best", "2"],
        ])
    func whatIsOfOneModelIsRefused(_ flags: [String]) throws {
        expectError(
            try evaluate(["run", "wide"], flags), code: 64,
            ["\(flags[2]): ", "of one model, and there are 2 after --checkpoint", "name one"])
        #expect(try !workspace.list(".").contains("list"))
    }

    /// A pipe has nothing more for the second model.
    @Test func whatCanBeReadOnlyOnceIsRefused() throws {
        #expect(mkfifo(workspace["pipe"], 0o600) == 0)
        for (input, name) in [("-", "standard input"), ("pipe", "'pipe', a pipe")] {
            expectError(
                try evaluate(["run", "wide"], ["--input", "a.txt", input]), code: 64,
                ["--input: \(name)", "--checkpoint names 2 models", "write the text to a file"])
        }
    }

    /// A misspelt path is found before anything is scored.
    @Test func everyModelMustBeThere() throws {
        let result = try evaluate(["run", "none"], ["--input", "none.txt"])
        expectError(result, code: 1, ["none: is not there or may not be read"])
    }
}
