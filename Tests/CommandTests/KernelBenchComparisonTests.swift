import Storage
import Testing

/// `kernel-bench --compare` as a user runs it.
@Suite struct KernelBenchComparisonTests {
    private static let flags = [
        "--shape", "1x8x8", "--population", "16", "--tokens", "2", "--threads", "1", "--blocks",
        "1",
        "--kernel", "portable",
    ]

    /// The row that the flags measure, as a version without methods wrote it, and one of other flags.
    private static let row =
        #"{"shape":"1x8x8","kernel":"portable","threads":1,"population":16,"segmentTokens":2,"#
        + #""macPerSecond":30000000,"macPerSecondP10":20000000,"macPerSecondP90":50000000,"#
        + #""rooflinePermille":3,"rooflinePermilleP10":2,"rooflinePermilleP90":7}"#
    private static let other =
        #"{"method":"node-perturbation","contexts":"2, word","contextRows":256,"#
        + row.dropFirst().replacing("1x8x8", with: "3x5x7")
    private static let otherName =
        "node-perturbation 3x5x7 with contexts 2, word (256 rows), kernel portable, 1 thread, N 16, T 2"

    /// The ratios are those of the figures beside them and of the file.
    @Test func dividesByTheFiguresOfTheSameRow() throws {
        let workspace = try Workspace()
        try workspace.write("then.jsonl", Self.row + "\n\n" + Self.other + "\n")
        let result = try workspace.run(
            .kernelBench, Self.flags + ["--json", "--compare", "then.jsonl"])
        #expect(result.code == 0)
        #expect(result.errors == "warning: only in then.jsonl: \(Self.otherName)\n")
        let now = try JSONValue(result.output)
        let names = [
            ("comparedSpeedPermille", "macPerSecond", [30_000_000, 20_000_000, 50_000_000]),
            ("comparedRooflinePermille", "rooflinePermille", [3, 2, 7]),
        ]
        for (name, figure, then) in names {
            // The slowest tenth is divided by the fastest of the file.
            for (suffix, divisor) in [("", then[0]), ("P90", then[1]), ("P10", then[2])] {
                let figure = try #require(now[figure + suffix]?.integer)
                let rounded = (figure * 1000 + divisor / 2) / divisor
                #expect(now[name + suffix]?.integer == rounded, "\(name + suffix)")
            }
        }
    }

    @Test func namesRowsThatOnlyOneHas() throws {
        let workspace = try Workspace()
        try workspace.write("then.jsonl", Self.other)
        let table = try workspace.run(.kernelBench, Self.flags + ["--compare", "then.jsonl"])
        expectSuccess(table)
        #expect(table.text.contains("\n  not in then.jsonl\n"))
        #expect(table.text.hasSuffix("\nonly in then.jsonl: \(Self.otherName)\n"))
        try workspace.write("then.jsonl", Self.row)
        let same = try workspace.run(
            .kernelBench, Self.flags + ["--compare", "-"], input: workspace["then.jsonl"])
        expectSuccess(same)
        let line = try #require(same.text.split(separator: "\n").last)
        let ratio = "[0-9.]+ \\([0-9.]+-[0-9.]+\\) times the "
        let expected = try Regex(
            "  against standard input: \(ratio)speed, \(ratio)share of the roofline")
        #expect(line.wholeMatch(of: expected) != nil, "\(line)")
    }

    // MARK: What cannot be compared with

    @Test(arguments: bad) func isRefused(_ input: BadInput) throws { try input.check() }

    private static func bad(_ name: String, _ text: String, _ fragments: String...) -> BadInput {
        BadInput(name: name, command: .kernelBench, code: 1, fragments: fragments) { workspace in
            try workspace.write("then.jsonl", text)
            return ["--compare", "then.jsonl"]
        }
    }

    /// The row with another value of a key, or without it.
    private static func row(_ key: String, _ value: String?) -> String {
        let pattern = "\"\(key)\":"
        let start = row.firstRange(of: pattern)?.lowerBound ?? row.endIndex
        let end = row[start...].firstIndex { $0 == "," || $0 == "}" } ?? row.endIndex
        var changed = row
        changed.replaceSubrange(start..<end, with: value.map { pattern + $0 } ?? "\"no\":0")
        return changed
    }

    private static let remedy = "name a file that kernel-bench --json wrote"

    static let bad: [BadInput] = [
        bad("nothing", "\n", "then.jsonl: ", "holds no figures", remedy),
        bad("the table", row + "\nshape  kernel\n", "then.jsonl:2:1: ", remedy),
        bad("a line that was cut", String(row.dropLast(4)), "then.jsonl:1:", remedy),
        bad("an array", "[\(row)]", "then.jsonl:1: ", "is no object", remedy),
        bad("no kernel", row("kernel", nil), "then.jsonl:1: ", "has no 'kernel'", remedy),
        bad("threads of text", row("threads", "\"1\""), "then.jsonl:1: ", "'threads'", "integer"),
        bad("a shape of numbers", row("shape", "1"), "then.jsonl:1: ", "'shape'", "no text"),
        bad("a speed below 0", row("macPerSecond", "-1"), "'macPerSecond'", "integer from 0"),
        bad(
            "a speed whose ratio passes 64 bits", row("macPerSecondP90", "9223372036854775807"),
            "'macPerSecondP90'", "integer from 0"),
        bad(
            "a median below its tenth", row("rooflinePermille", "1"), "'rooflinePermille'",
            "between its P10 and its P90"),
        bad(
            "a row twice", row + "\n" + row, "then.jsonl:2: ",
            "eggroll 1x8x8, kernel portable, 1 thread, N 16, T 2", "again", "keep one"),
        BadInput(
            name: "no file", command: .kernelBench, code: 1,
            fragments: ["none.jsonl: ", "cannot open", "check the path"]
        ) { _ in ["--compare", "none.jsonl"] },
    ]
}
