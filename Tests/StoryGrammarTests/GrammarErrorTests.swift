import StoryGrammar
import Testing

/// Every finding of the reader and of the checks, with the place it names.
@Suite struct GrammarErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let source: String
        let place: String
        let finding: String
        var testDescription: String { finding }

        init(_ source: String, _ place: String, _ finding: String) {
            self.source = source
            self.place = place
            self.finding = finding
        }
    }

    static let syntax = [
        Case("story: caf\u{E9}", "1:11", "byte 195 is not a printable ASCII character"),
        Case("story: a\tb", "1:9", "byte 9 is not a printable ASCII character"),
        Case("story: hi\r\n", "1:10", "byte 13"),
        Case("  text\nstory: b", "1:3", "an indented line before the first rule"),
        Case("story b", "1:1", "begins neither a rule nor a table"),
        Case("Story: b", "1:1", "'Story' is not a name"),
        Case("a: b", "1:1", "taken by the article"),
        Case("story: b |  | c", "1:13", "an empty alternative"),
        Case("story: b |", "1:11", "an empty alternative"),
        Case("story:\n\n", "1:1", "has no alternatives"),
        Case("story:\n  text", "2:3", "does not begin with '- '"),
        Case("story:\n  - b | c", "2:7", "'|' outside braces"),
        Case("story: 0* b", "1:8", "a weight outside 1...10000"),
        Case("story: b | 99999999999999999999* c", "1:12", "a weight outside"),
        Case("story: 9000* b | 9000* c", "1:1", "the weights add up to more than 10000"),
        Case("story: b | c | b", "1:16", "'b' is given twice"),
        Case("story: {b|2*b}", "1:13", "'b' is given twice"),
        Case("story: {b", "1:8", "'{' without '}'"),
        Case("story: b}", "1:9", "'}' without '{'"),
        Case("story: \\q", "1:9", "an unknown escape"),
        Case("story: {n ?}", "1:10", "unexpected text in braces"),
        Case("story: {^x=story}", "1:9", "'^' before a binding"),
        Case("story: {n=1000}", "1:11", "a number above 999"),
        Case("story: {n=2}{n==1 b|c}", "1:18", "a comparison without '?'"),
        Case("story: {n=2}{n==1?b|c|d}", "1:22", "more than two texts"),
        Case(
            "story: " + String(repeating: "{b|", count: 17) + String(repeating: "}", count: 17),
            "1:57", "more than 16 braces"),
    ]

    static let tables = [
        Case("table t: one\nstory: {t}", "1:7", "has no rows"),
        Case("table t: one, one\n  b", "1:15", "column 'one' is declared twice"),
        Case("table t: one\n  b, c\nstory: {t}", "2:6", "a row of 2 cells in a table of 1 columns"),
        Case("table t: one, two\n  b\nstory: {t}", "2:3", "no cell for column 'two'"),
        Case("table t: one\n  b; c; b\nstory: {t}", "2:9", "a second row for 'b'"),
        Case("table t: one\n  {x}\nstory: {t}", "2:3", "a cell that is not plain text"),
        Case("table t: one, two={three}\n  b\nstory: {t}", "1:19", "a cell that is not plain"),
        Case("table t: one\n  b; c\nunion u: t\nstory: {u}", "3:7", "fewer than two tables"),
        Case("table t: one\n  b; c\nunion u: t t\nstory: {u}", "3:12", "joined twice"),
        Case("union u: story story\nstory: {u}", "1:10", "'story' is not a table"),
        Case(
            "table t: one\n  b; c\nstory: {x=t}{y=t}{x}{y}", "1:7",
            "has 2 rows for 2 names that hold different ones"),
    ]

    static let names = [
        Case("tale: b", "1:1", "there is no rule 'story'"),
        Case("", "1:1", "there is no rule 'story'"),
        Case("story: {b}", "1:9", "'b' is neither a rule, a table nor a bound name"),
        Case("story: b\nstory: c", "2:1", "'story' is declared twice"),
        Case("story: b\nother: c", "2:1", "no story uses 'other'"),
        Case("story: {n=1..3} b", "1:9", "bound and never used"),
        Case("story: {x} {x=other}\nother: b|c", "1:9", "may be used before it is bound"),
        Case("story: {{x=other}|c} {x}\nother: b|c", "1:23", "may be used before it is bound"),
        Case("story: {x=other}{x}{x=2}\nother: b|c", "1:21", "bound to things of two kinds"),
        Case("story: {other=other}\nother: b|c", "1:9", "is the name of a rule or a table"),
        Case("story: {n=2}{m=n}{m}", "1:16", "'n' is a bound name"),
        Case("story: {x=other}{m=x + 1}{m}\nother: b|c", "1:20", "'x' is not a number"),
        Case("story: {other.one}\nother: b|c", "1:15", "'other' has no column 'one'"),
        Case("story: {n=2}{n.roman}", "1:16", "'n' has no column 'roman'"),
        Case("story: {t.two}\ntable t: one\n  b; c", "1:11", "'t' has no column 'two'"),
        Case("story: b {story}", "1:1", "the rule never ends"),
        Case("story: {x}\nx: {y}\ny: {x} | {x}c", "2:1", "the rule never ends"),
    ]

    @Test(arguments: syntax + tables + names)
    func isRefused(_ example: Case) throws {
        let error = try #require(throws: GrammarError.self) {
            try Grammar(Array(example.source.utf8), path: "tale.grammar")
        }
        #expect(error.location == "tale.grammar:\(example.place)")
        #expect(error.finding.contains(example.finding))
        #expect(!error.remedy.isEmpty)
    }

    /// Small files that would take a lot of memory.
    @Test func excessiveSizes() throws {
        let columns = (1...30).map { "c\($0)={c\($0 - 1)}{c\($0 - 1)}" }.joined(separator: ", ")
        let doubling = "table t: c0, \(columns)\n  b; c\nstory: {t}"
        let rules = (0..<30).map { "{9999*b|c\($0)}" }.joined()
        let wide = (0..<500).map { "c\($0)=b" }.joined(separator: ", ")
        let rows = (0..<600).map { "\($0)" }.joined(separator: ";")
        for source in [doubling, "story: \(rules)", "table t: c, \(wide)\n  \(rows)\nstory: {t}"] {
            let error = try #require(throws: GrammarError.self) {
                try Grammar(Array(source.utf8), path: "t")
            }
            #expect(error.finding.contains("more than"))
        }
    }

    @Test func tooManyNames() throws {
        let bindings = (0...256).map { "{v\($0)=1}{v\($0)}" }.joined()
        let error = try #require(throws: GrammarError.self) {
            try Grammar(Array("story: \(bindings)".utf8), path: "t")
        }
        #expect(error.finding == "more than 256 names are bound")
    }

    /// Cut off anywhere, or with any byte replaced, a grammar is read or refused, never more.
    @Test func damagedText() {
        let source = Array(GeneratorTests.sample.utf8)
        for end in source.indices { _ = try? Grammar(Array(source[..<end]), path: "t") }
        for place in stride(from: 0, to: source.count, by: 2) {
            for byte in "{}|=;\n".utf8 {
                var damaged = source
                damaged[place] = byte
                guard let grammar = try? Grammar(damaged, path: "t") else { continue }
                var generator = StoryGenerator(grammar: grammar, seed: 1)
                var text: [UInt8] = []
                _ = try? generator.appendStory(0, to: &text)
            }
        }
    }
}
