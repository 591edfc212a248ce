import Checkpoints
import IntegerTensor
import RecurrentLM
import Reference
import Storage
import Testing

/// `sample` and `evaluate` on a trained model.
@Suite struct ModelCommandTests {
    private let workspace: Workspace

    init() throws {
        workspace = try Workspace()
        try workspace.prepareFinishedRun()
        try workspace.write("text.txt", sampleText(bytes: 700))
    }

    private func sample(
        _ flags: [String], checkpoint: String = "run", input: String = "/dev/null"
    ) throws -> [UInt8] {
        let result = try workspace.run(
            .sample, ["--checkpoint", checkpoint] + flags, input: input)
        expectSuccess(result)
        return result.output
    }

    private func evaluate(_ flags: [String]) throws -> String {
        let result = try workspace.run(.evaluate, ["--checkpoint", "run"] + flags)
        expectSuccess(result)
        return result.text
    }

    // MARK: sample

    @Test func theSeedDecidesTheText() throws {
        let flags = ["--tokens", "60", "--raw", "--temperature", "1"]
        let text = try sample(flags + ["--seed", "3"])
        #expect(text.count == 60)
        for kernel in Kernel.available {
            let same = ["--seed", "3", "--kernel", kernel.name, "--threads", "3"]
            #expect(try sample(flags + same) == text)
        }
        #expect(try sample(flags + ["--seed", "4"]) != text)
    }

    @Test func temperatureZeroNeedsNoSeed() throws {
        let flags = ["--tokens", "40", "--raw", "--temperature", "0"]
        #expect(try sample(flags + ["--seed", "1"]) == sample(flags + ["--seed", "2"]))
        #expect(try sample(flags) == sample(["--tokens", "40", "--raw", "--top-k", "1"]))
    }

    @Test(arguments: ["run", "run/latest", "run/checkpoints/step-00000012", "file.safetensors"])
    func aModelIsNamedInSeveralWays(_ checkpoint: String) throws {
        try workspace.write(
            "file.safetensors", try workspace.read("run/latest/model.safetensors"))
        let flags = ["--tokens", "30", "--raw"]
        #expect(try sample(flags, checkpoint: checkpoint) == sample(flags))
    }

    @Test func thePromptComesFromFlagOrStandardInput() throws {
        let flags = ["--tokens", "50", "--raw"]
        try workspace.write("prompt.txt", "the old ünder")
        let piped = try sample(flags + ["--prompt", "-"], input: workspace["prompt.txt"])
        #expect(try sample(flags + ["--prompt", "the old ünder"]) == piped)
        #expect(try sample(flags) != piped)
    }

    /// Whatever bytes the model makes, a text is valid UTF-8.
    @Test func textIsValidUTF8() throws {
        let text = try sample(["--tokens", "400", "--temperature", "2"])
        #expect(String(validating: text, as: UTF8.self) != nil)
    }

    @Test func severalSamplesAreEachTheSameAsAlone() throws {
        let flags = ["--tokens", "20", "--raw", "--count"]
        let two = try sample(flags + ["2"])
        let five = try sample(flags + ["5", "--threads", "2"])
        #expect(two.count == 20 + 1 + 20)
        #expect(five.prefix(41) == two[...])
        #expect(two.prefix(20) == (try sample(flags + ["1"]))[...])
        let text = String(decoding: try sample(["--tokens", "5", "--count", "2"]), as: UTF8.self)
        #expect(text.contains("=== sample 1 of 2 ===") && text.contains("=== sample 2 of 2 ==="))
    }

    // MARK: evaluate

    /// The last line of the plain report is a command that works.
    @Test func saysHowToSample() throws {
        let line = try #require(
            evaluate(["--input", "text.txt"]).split(separator: "\n").last)
        #expect(line == "next: \(try BuiltCommand.sample.path) --checkpoint run")
    }

    /// The measurement during training and the one afterwards are the same.
    @Test func agreesWithTheTrainer() throws {
        let overrides = ["run.steps=3", "validation.tokens=0", "validation.streams=3"]
        expectSuccess(try workspace.train("other", set: overrides))
        let line = try #require(try workspace.lines("other/metrics.jsonl").last)
        let result = try workspace.run(
            .evaluate, ["--checkpoint", "other", "--data", "shards", "--streams", "3", "--json"])
        expectSuccess(result)
        for (key, name) in [
            ("validationBitsPerByte", "exactBitsPerByte"),
            ("validationIntegerBitsPerByte", "bitsPerByte"),
        ] {
            let trained = try #require(line.firstMatch(of: try decimal(key))?.output[1].substring)
            let measured = try #require(
                result.text.firstMatch(of: try decimal(name))?.output[1].substring)
            #expect(difference(trained, measured) <= 50)  // 4 decimals are rounded, 6 are not
        }
    }

    private func decimal(_ key: String) throws -> Regex<AnyRegexOutput> {
        try Regex("\"\(key)\":([0-9]+\\.[0-9]+)")
    }

    /// The difference of two decimal texts, in millionths.
    private func difference(_ first: Substring, _ second: Substring) -> Int {
        func millionths(_ text: Substring) -> Int {
            let parts = text.split(separator: ".")
            let padded = (parts.last ?? "") + String(repeating: "0", count: 6)
            return (Int(parts.first ?? "") ?? -1) * 1_000_000 + (Int(padded.prefix(6)) ?? -1)
        }
        return abs(millionths(first) - millionths(second))
    }

    @Test func writesTheLikelihoodOfEachByte() throws {
        let report = try JSONValue(
            Array(evaluate(["--input", "text.txt", "--per-token", "list", "--json"]).utf8))
        let values = try workspace.lines("list").map { try #require(Int($0)) }
        #expect(try values.count == workspace.read("text.txt").count)
        #expect(report["bytes"]?.integer == values.count)
        #expect(report["logLikelihood"]?.integer == values.reduce(0, +))
        #expect(values.allSatisfy { $0 <= 0 })
        #expect(report["step"]?.integer == 12)
    }

    /// 50 kB through the built command, against the reference token by token.
    @Test func theLikelihoodsAreThoseOfTheReference() throws {
        let text = sampleText(bytes: 50_000)
        let bytes = Array(text.utf8)
        try workspace.write("long.txt", text)
        _ = try evaluate(["--input", "long.txt", "--per-token", "list"])
        let path = workspace["run/latest/model.safetensors"]
        var model = ReferenceModel(try ModelCheckpoint.read(path).parameters)
        let expected = zip([0] + bytes, bytes).map { input, target in
            ReferenceModel.logLikelihood(model.step(input), target: target)
        }
        #expect(try workspace.lines("list").map { Int32($0) } == expected)
    }

    /// An input is one stream, so that number may be given too.
    @Test func anInputIsOneStream() throws {
        func lines(_ flags: [String]) throws -> [Substring] {
            try evaluate(["--input", "text.txt"] + flags).split(separator: "\n")
                .filter { !$0.hasPrefix("time") }
        }
        #expect(try lines(["--streams", "1"]) == lines([]))
    }

    @Test func printsTheSameOnAllKernels() throws {
        let outputs = try Kernel.available.map { kernel in
            let text = try evaluate(
                ["--data", "shards", "--split", "train", "--kernel", kernel.name, "--threads", "2"])
            return text.split(separator: "\n").filter { !$0.hasPrefix("time") }
        }
        #expect(outputs.allSatisfy { $0 == outputs[0] })
        #expect(outputs[0].contains { $0.hasPrefix("unigram entropy") })
        #expect(outputs[0].contains { $0.hasPrefix("bits/byte exact") })
    }

    @Test func fullStandardOutputIsReported() throws {
        guard try Files.kind("/dev/full") != nil else { return }
        for (command, flags) in [
            (BuiltCommand.sample, ["--tokens", "5"]), (.evaluate, ["--input", "text.txt"]),
        ] {
            let result = try workspace.run(
                command, ["--checkpoint", "run"] + flags, output: "/dev/full")
            expectError(result, code: 1, ["standard output: cannot write", "check where it goes"])
        }
    }
}
