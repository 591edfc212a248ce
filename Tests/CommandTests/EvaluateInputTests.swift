import Storage
import Testing

/// The ways in which `evaluate` takes a text and gives its list.
@Suite struct EvaluateInputTests {
    private let workspace: Workspace

    init() throws {
        workspace = try Workspace()
        try workspace.prepareFinishedRun()
    }

    private func evaluate(
        _ flags: [String], input: String = "/dev/null"
    ) throws -> CommandResult {
        try workspace.run(.evaluate, ["--checkpoint", "run"] + flags, input: input)
    }

    /// The figures of a text, without its name and the time.
    private func figures(_ flags: [String], input: String = "/dev/null") throws -> [String] {
        let result = try evaluate(flags + ["--json"], input: input)
        expectSuccess(result)
        let report = try JSONValue(result.output)
        return ["bytes", "logLikelihood", "exactBitsPerByte", "unigramEntropy"].map {
            "\($0) \(String(describing: report[$0]))"
        }
    }

    /// A shard is a zstd file of its tokens, so `evaluate` reads the same tokens from it as from the decoded file.
    @Test func aCompressedTextHasTheScoreOfItsText() throws {
        let shard = "shards/train-00000.tokens.zst"
        let tokens =
            [0] + Array(try Files.read(Fixtures.shared.text, atMost: 1 << 20).prefix(19_999))
        try workspace.write("tokens.txt", tokens)
        let plain = try figures(["--input", "tokens.txt"])
        #expect(plain[0].contains("20000"))
        #expect(try figures(["--input", shard]) == plain)
        #expect(try figures(["--input", "-"], input: workspace[shard]) == plain)
        #expect(try figures(["--input", "-"], input: workspace["tokens.txt"]) == plain)
        #expect(try figures(["--input", "/dev/stdin"], input: workspace["tokens.txt"]) == plain)
    }

    @Test func aTextIsConvertedAsForTraining() throws {
        let text = "the old miller saw a fox"
        try workspace.write("plain.txt", text)
        try workspace.write("wide.txt", text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
        expectError(
            try evaluate(["--input", "wide.txt"]), code: 1,
            ["wide.txt: is text in utf-16be", "--encoding utf-16be"])
        #expect(
            try figures(["--input", "wide.txt", "--encoding", "utf-16be"])
                == figures(["--input", "plain.txt"]))
    }

    /// Passages are cut at every 80 bytes; their bits are the sums of those that --per-token lists.
    @Test func theWorstAndTheBestPassagesAreThoseOfTheList() throws {
        let text = Array(try Files.read(Fixtures.shared.text, atMost: 1 << 20).prefix(1_000))
        try workspace.write("a.txt", text)
        let flags = ["--input", "a.txt", "--per-token", "list", "--worst", "3", "--best", "20"]
        let result = try evaluate(flags + ["--json"])
        expectSuccess(result)
        let bits = String(decoding: try workspace.read("list"), as: UTF8.self)
            .split(separator: "\n").compactMap { Int($0) }
        #expect(bits.count == 1_000)
        let sums = (0..<12).map { passage in
            (passage, -bits[80 * passage..<80 * (passage + 1)].reduce(0, +))
        }
        let report = try JSONValue(result.output)
        func offsets(_ key: String) -> [Int] {
            (report[key]?.array ?? []).compactMap { $0["byte"]?.integer }
        }
        let falling = sums.sorted { $0.1 == $1.1 ? $0.0 < $1.0 : $0.1 > $1.1 }
        let rising = sums.sorted { $0.1 == $1.1 ? $0.0 < $1.0 : $0.1 < $1.1 }
        #expect(offsets("worst") == falling.prefix(3).map { 80 * $0.0 })
        #expect(offsets("best") == rising.map { 80 * $0.0 })
        let first = try #require(report["worst"]?.array?.first)
        let place = 80 * falling[0].0
        #expect(first["text"]?.string == String(decoding: text[place..<place + 80], as: UTF8.self))
        // To hundredths of a bit, from sixteenths over 80 bytes.
        let hundredths = (falling[0].1 * 100 + 640) / 1280
        let shown = "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
        let lines = try evaluate(["--input", "a.txt", "--worst", "1"]).text
        #expect(lines.contains("worst passages of 80 bytes"))
        #expect(lines.contains("\(shown)  "), "\(lines)")
    }

    /// A text of fewer bytes is one passage.
    @Test func aShortTextIsOnePassage() throws {
        try workspace.write("a.txt", "the old\tmiller")
        let text = try evaluate(["--input", "a.txt", "--best", "5"]).text
        #expect(text.contains("the old") && text.contains("best passages"))
        #expect(!text.contains("worst passages"))
    }

    @Test func theListGoesToStandardOutputAndTheReportBesideIt() throws {
        try workspace.write("a.txt", "the old miller")
        expectSuccess(try evaluate(["--input", "a.txt", "--per-token", "list"]))
        let result = try evaluate(["--input", "-", "--per-token", "-"], input: workspace["a.txt"])
        #expect(result.code == 0)
        #expect(try result.output == workspace.read("list"))
        #expect(result.errors.hasPrefix("model "))
        #expect(result.errors.contains("14 bytes scored"))
        #expect(try !workspace.list(".").contains("-"))
        let split = try evaluate(["--data", "shards", "--per-token", "-"])
        #expect(split.code == 0 && split.text.split(separator: "\n").count > 1000)
    }

    /// Each text is scored as if it were alone, and all of their bytes together.
    @Test func severalTextsAreListed() throws {
        try workspace.write("a.txt", "the old miller saw a fox")
        try workspace.write("b.txt", String(repeating: "a barrel of apples ", count: 9))
        let alone = try ["a.txt", "b.txt"].map { name in
            try JSONValue(evaluate(["--input", name, "--json"]).output)
        }
        let flags = ["--input", "a.txt", "-"]
        let result = try evaluate(flags + ["--json"], input: workspace["b.txt"])
        expectSuccess(result)
        let report = try JSONValue(result.output)
        let texts = try #require(report["texts"]?.array)
        #expect(texts.map { $0["text"]?.string } == ["a.txt", "standard input"])
        for key in ["bytes", "logLikelihood", "exactBitsPerByte", "unigramEntropy"] {
            #expect(
                texts.map { "\(String(describing: $0[key]))" }
                    == alone.map { "\(String(describing: $0[key]))" }, "\(key)")
        }
        for key in ["bytes", "logLikelihood"] {
            let sum = alone.reduce(0) { $0 + ($1[key]?.integer ?? 0) }
            #expect(report[key]?.integer == sum)
        }
        let lines = try evaluate(flags, input: workspace["b.txt"]).text.split(separator: "\n")
        #expect(lines.count == 6 && lines[2].hasSuffix("a.txt"))
        #expect(lines[4].contains("195  all 2 texts"))
    }

    @Test func oneByteIsNoPlural() throws {
        try workspace.write("a.txt", "a")
        #expect(try evaluate(["--input", "a.txt"]).text.contains("1 byte scored"))
    }

    @Test(
        arguments: [
            (["--input", "-", "--per-token", "-", "--json"], "--per-token: the object of --json"),
            (["--data", "-"], "--data: shards are several files"),
            (["--input", "-", "-"], "--input: standard input can be read only once"),
            (["--input", "a", "b", "--per-token", "c"], "--per-token: is the list of one text"),
            (["--input", "a", "b", "--worst", "2"], "--worst: lists passages of one text"),
            (["--data", "shards", "--best", "2"], "--best: lists passages of one text"),
            (["--input", "a", "--worst", "0"], "--worst: "),
        ])
    func whatCannotBeIsRefused(_ flags: [String], _ message: String) throws {
        expectError(try evaluate(flags), code: 64, [message])
    }

    @Test func recordsThatAreScoredAsTextAreToldOf() throws {
        try workspace.write("a.jsonl", "{\"text\": \"the old miller\"}\n")
        let result = try evaluate(["--input", "a.jsonl"])
        #expect(result.code == 0)
        #expect(result.errors.hasPrefix("warning: a.jsonl: begins with a JSON object"))
        #expect(result.errors.contains("tokenize --field"))
    }

    @Test func whatIsNoTextIsRefused() throws {
        try workspace.write("a.xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0])
        expectError(
            try evaluate(["--input", "a.xz"]), code: 1,
            ["a.xz: is xz-compressed data, not text", "xz -dc a.xz"])
        expectError(
            try evaluate(["--input", "run/latest/model.safetensors", "--per-token", "list"]),
            code: 1, ["model.safetensors: is a model (safetensors), not text"])
        expectError(
            try evaluate(["--input", "-"]), code: 1, ["standard input: holds nothing to score"])
        #expect(try !workspace.list(".").contains("list"))
    }
}
