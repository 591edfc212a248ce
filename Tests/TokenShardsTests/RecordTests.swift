import Storage
import TestSupport
import Testing

@testable import TokenShards

@Suite("Records")
struct RecordTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func plan(
        _ inputs: [String], skipsBadLines: Bool = false, encoding: TextEncoding = .auto
    ) throws -> CorpusPlan {
        let layout = try ShardLayout(shardTokens: 1 << 25, frameTokens: 1 << 16, level: 1)
        var plan = CorpusPlan(inputs: inputs, layout: layout, encoding: encoding)
        plan.field = RecordField("text")
        plan.skipsBadLines = skipsBadLines
        return plan
    }

    private func run(
        _ plan: CorpusPlan, _ name: String = "shards"
    ) throws -> (tokens: [UInt8], progress: TokenizingProgress) {
        let output = directory.file(name)
        var tokenizer = CorpusTokenizer(plan, into: try StagedDataset(output, replacing: true))
        let progress = try tokenizer.run().progress
        #expect(try Files.list(output).allSatisfy { !$0.hasSuffix(AtomicFile.suffix) })
        return (try readAll(output), progress)
    }

    private let lines = """
        {"text": "one", "meta": {"n": 1}}

        {"meta": null, "text": "tw\\u00f6"}\r
        {"text": ""}
        {"text": "three\\u0000four"}
        """
    private let expected = Array("\0one\0twö\0three\0four".utf8)

    @Test("are documents, in whatever compression and encoding")
    func documents() throws {
        let bytes = Array(lines.utf8)
        for (name, input) in [("a", bytes), ("b", try gzip(bytes)), ("c", zstd(bytes))] {
            let path = try directory.write(name, input)
            let (tokens, progress) = try run(plan([path]))
            #expect(tokens == expected)
            #expect(progress.textBytes == 3 + 4 + 10)
        }
        let wide = lines.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let path = try directory.write("d", [0xFF, 0xFE] + wide)
        #expect(try run(plan([path], encoding: .utf16)).tokens == expected)
        #expect(throws: TextError.self) { try run(plan([path])) }
    }

    @Test("of several inputs are documents of their own")
    func severalInputs() throws {
        let first = try directory.write("a", #"{"text":"a"}"#)
        let second = try directory.write("b", #"{"text":"b"}"#)
        #expect(try run(plan([first, second])).tokens == Array("\0a\0b".utf8))
    }

    @Test("in a directory are read from the files that begin with an object")
    func inDirectory() throws {
        try directory.write("d/a.json", "\n {\"text\":\"a\"}")
        try directory.write("d/LICENSE", "Permission is granted")
        try directory.write("d/list.json", "[1]")
        try directory.write("d/empty", "")
        let (tokens, progress) = try run(plan([directory.file("d")]))
        #expect(tokens == Array("\0a".utf8))
        #expect(progress.skipped.byKind == "2 no JSON Lines")
        #expect(progress.read.byKind == "2 JSON Lines")
        let error = #expect(throws: RecordError.self) {
            try run(plan([directory.file("d/LICENSE")]))
        }
        #expect(error?.location.hasSuffix("d/LICENSE:1:1") == true)
    }

    @Test("that are bad leave nothing, however long they are")
    func longBadLines() throws {
        let part = sampleText(10_000).map { $0 == UInt8(ascii: "\n") ? 0x20 : $0 }
        let long = [[UInt8]](repeating: part, count: 430).flatMap(\.self)
        let start = Array(#"{"text":""#.utf8)
        let lines = [
            Array(#"{"text":"a"}"#.utf8), start + long + Array(#"","x":tru}"#.utf8),
            start + long + Array("\"}".utf8), start + long, Array(#"{"text":"b"}"#.utf8),
        ]
        let path = try directory.write("a", Array(lines.joined(separator: "\n".utf8)))
        let (tokens, progress) = try run(plan([path], skipsBadLines: true))
        #expect(tokens == Array("\0a\0".utf8) + long + Array("\0b".utf8))
        #expect(progress.textBytes == long.count + 2)
        #expect(progress.badLines.count == 2)
        #expect(progress.badLines.first?.location == "\(path):2:\(long.count + 16)")
        #expect(progress.badLines.first?.finding == "unknown word")
    }

    @Test("that are all bad leave no data set, and the error says what the first one is")
    func allBad() throws {
        let path = try directory.write("a", "{}\n{}\n")
        let error = #expect(throws: ShardError.self) { try run(plan([path], skipsBadLines: true)) }
        #expect(error?.finding.contains("2 bad lines skipped") == true)
        #expect(error?.finding.contains("\(path):1:1") == true)
        #expect(try Files.kind(directory.file("shards")) == nil)
    }

    @Test(
        "are guessed from a text's beginning",
        arguments: [
            (#"{"a":1}"#, true), ("{\"a\":1}\nx", true), ("{}\n", true), ("{\n\"a\":1}", false),
            ("{ int x; }", false), ("[1]", false), ("{\"a\":1} x\n", false), ("", false),
            (#"{"a":"#, false),
        ])
    func guessed(text: String, isRecord: Bool) throws {
        let path = try directory.write("a", text)
        #expect(try TextInput(InputFile(path)).beginsWithRecord == isRecord)
        // A first line of which only a part is looked at.
        for length in 4070...4100 where text == "{}\n" {
            let long = String(repeating: "\\u00e9\\ud83e\\udd5aé", count: 300)
            let line = #"{"a":"\#(String(repeating: "x", count: length % 32))\#(long)"}"#
            let path = try directory.write("b", line)
            #expect(try TextInput(InputFile(path)).beginsWithRecord)
        }
    }

    @Test(
        "have fields named by keys with dots between them",
        arguments: [
            ("text", ["text"]), ("a.b.c", ["a", "b", "c"]), (#"a\.b"#, ["a.b"]),
            (#"a\\.b"#, [#"a\"#, "b"]), ("ä ö", ["ä ö"]), ("", nil), (".", nil), ("a.", nil),
            (".a", nil), ("a..b", nil), (#"a\"#, nil), (#"a\b"#, nil),
        ])
    func fields(text: String, keys: [String]?) {
        #expect(RecordField(text)?.keys == keys)
    }
}
