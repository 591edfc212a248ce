import Storage
import Testing

/// Lines of JSON Lines that `tokenize` must refuse at the right place, or skip and count.
@Suite struct BadRecordTests {
    /// What stands in front of the place that the error must name, and is no part of the line.
    private static let mark: Character = "§"

    /// Lines that give no text, and what is wrong with each.
    static let lines: [(line: String, finding: String)] = [
        // No object.
        ("§text", "unknown word"), ("§[\"a\"]", "the line is an array, not an object"),
        ("§\"text\"", "the line is a string, not an object"),
        ("§12", "the line is a number, not an object"), ("§null", "the line is null, not"),
        ("  §true", "the line is a Boolean, not an object"),
        ("§<text>a</text>", "expected a value"),
        ("§'text'", "expected a value"),
        // No such field, or one of another type.
        ("§{}", #"the object has no "text" (it is empty)"#),
        (#"§{"Text":"a","b":1}"#, #"has no "text" (its keys are "Text", "b")"#),
        (#" §{"meta":{"text":"a"}}"#, #"has no "text""#),
        (#"{"text":§null}"#, #""text" is null, not a string"#),
        (#"{"text": §12}"#, "is a number"), (#"{"text":§-1}"#, "is a number"),
        (#"{"text":§true}"#, "is a Boolean"), (#"{"text":§["a"]}"#, "is an array"),
        (#"{"text":§{"text":"a"}}"#, "is an object"),
        // Objects that are none.
        (#"{§"#, "expected a string"), (#"{"text"§}"#, "expected ':'"),
        (#"{"text":§"#, "the line ends early"), (#"{"text":§}"#, "expected a value"),
        (#"{"text":"a"§"#, "expected '}'"), (#"{"text":"a",§}"#, "expected a string"),
        (#"{"text":"a" §"b":1}"#, "expected '}'"), (#"{§text:"a"}"#, "expected a string"),
        (#"{"text":"a"}§}"#, "more text after the value"),
        (#"{"text":"a"} §{"text":"b"}"#, "more text after the value"),
        (#"{"text":"a","n":§"#, "the line ends early"), (#"{"n":[1,§],"text":"a"}"#, "expected"),
        (#"{"text":"a",§"text":"b"}"#, #"duplicate key "text""#),
        // Numbers and words that are none.
        (#"{"n":§01,"text":"a"}"#, "a number begins with 0"),
        (#"{"n":1.§,"text":"a"}"#, "expected a digit"),
        (#"{"n":§NaN,"text":"a"}"#, "expected a value"),
        (#"{"n":§tru,"text":"a"}"#, "unknown word"),
        // Strings that are none; columns count characters.
        (#"{"text":"Grüße§"#, "a string does not end"), (#"{"text":"a§\x"}"#, "unknown escape"),
        (#"{"text":"🥚\u12§"}"#, "expected four hex digits"),
        (#"{"text":"§\ud83e"}"#, "a lone surrogate"),
        (#"{"text":"世§\udd5a\ud83e"}"#, "a lone surrogate"),
        (#"{"text":"§\ud83e\u0041"}"#, "a lone surrogate"),
        ("{\"text\":\"a§\tb\"}", "a control character in a string"),
        ("{\"text\":\"a§\u{0}b\"}", "a control character in a string"),
        (#"{"x":"# + String(repeating: "[", count: 31) + "§[", "nested too deeply"),
    ]

    private static let good = #"{"text":"good"}"#

    @Test func areOfAtLeastFortyKinds() {
        #expect(Self.lines.count >= 40)
        #expect(Self.lines.allSatisfy { $0.line.count(where: { $0 == Self.mark }) == 1 })
    }

    @Test(arguments: lines)
    func isRefusedAtItsPlace(_ line: String, _ finding: String) throws {
        let workspace = try Workspace()
        let column = line.prefix { $0 != Self.mark }.unicodeScalars.count + 1
        let bad = line.filter { $0 != Self.mark }
        try workspace.write("a.jsonl", [Self.good, "", bad, Self.good].joined(separator: "\n"))
        let result = try workspace.run(
            .tokenize, ["a.jsonl", "--field", "text", "--output", "out"])
        expectError(
            result, code: 1, ["error: a.jsonl:3:\(column): ", finding, "; ", "--skip-bad-lines"])
        #expect(try workspace.list(".") == ["a.jsonl"])
    }

    @Test func areSkippedAndCounted() throws {
        let workspace = try Workspace()
        let bad = Self.lines.map { line, _ in line.filter { $0 != Self.mark } }
        let lines = bad.flatMap { [Self.good, $0] } + [Self.good]
        try workspace.write("a.jsonl", lines.joined(separator: "\n"))
        try workspace.write("b.jsonl", bad[0] + "\r\n" + Self.good)
        let result = try workspace.run(
            .tokenize,
            ["a.jsonl", "b.jsonl", "--field", "text", "--skip-bad-lines", "--output", "out"])
        #expect(result.code == 0)
        #expect(
            result.errors
                == "skipped \(bad.count + 1) bad lines; the first is a.jsonl:2:1: unknown word\n")
        let documents = bad.count + 2
        #expect(result.text.contains("train \(5 * documents) tokens in \(documents) documents"))
        let texts = [String](repeating: "good", count: documents).joined(separator: "\0")
        try workspace.write("plain.txt", texts)
        expectSuccess(try workspace.run(.tokenize, ["plain.txt", "--output", "plain"]))
        #expect(try workspace.read("out/index.json") == workspace.read("plain/index.json"))
    }
}
