import Storage
import Testing

@Suite struct JSONLinesTests {
    /// What a line gave: its text, or its number and the error.
    private enum Outcome: Equatable {
        case text([UInt8])
        case bad(line: Int, column: Int, problem: String)

        static func text(_ text: String) -> Outcome { .text(Array(text.utf8)) }
    }

    /// Reads all lines of a text that comes in parts of `part` bytes.
    private func read(
        _ bytes: [UInt8], _ field: [String] = ["text"], part: Int = 1 << 20
    ) throws -> [Outcome] {
        var given = 0
        let lines = JSONLines(field: field) { buffer in
            let count = min(part, buffer.count, bytes.count - given)
            buffer.copyBytes(from: bytes[given..<given + count])
            given += count
            return count
        }
        var outcomes: [Outcome] = []
        while true {
            var text: [UInt8] = []
            do {
                guard try lines.next({ text += $0 }) else { return outcomes }
                outcomes.append(.text(text))
            } catch let error as JSONError {
                outcomes.append(
                    .bad(line: lines.line, column: error.column, problem: error.problem))
            }
        }
    }

    private func read(_ text: String, _ field: String...) throws -> [Outcome] {
        try read(Array(text.utf8), field.isEmpty ? ["text"] : field)
    }

    @Test(arguments: [
        (#"{"text":"a"}"#, "a"),
        (#"{"text":""}"#, ""),
        (#" { "n" : -1.5e+3 , "text" : "a" , "x" : [ 1 , { } , null ] } "#, "a"),
        (#"{"meta":{"text":"no","deep":[{"text":["no"]}]},"text":"yes"}"#, "yes"),
        (#"{"text":"\"\\\/\b\f\n\r\t"}"#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#"{"text":"\u0041\u00e9\u20AC\ud83e\udd5a\u0000"}"#, "Aé€🥚\u{0}"),
        (#"{"text":"Grüße, 世界 🌍🏽 \u007f"}"#, "Grüße, 世界 🌍🏽 \u{7F}"),
        (#"{"\u0074ext":"a"}"#, "a"),
    ])
    func readsAText(_ line: String, _ text: String) throws {
        #expect(try read(line) == [.text(text)])
    }

    @Test func followsKeysIntoObjects() throws {
        let line = #"{"body":0,"a":{"body":1,"b":{"c":2,"body":"x"}},"c":true}"#
        #expect(try read(line, "a", "b", "body") == [.text("x")])
        #expect(
            try read(line, "a", "body") == [
                .bad(line: 1, column: 23, problem: "\"body\" is a number, not a string")
            ])
        #expect(
            try read(line, "c", "d") == [
                .bad(line: 1, column: 53, problem: "\"c\" is a Boolean, not an object")
            ])
    }

    @Test func takesEmptyLinesAndAnyEnd() throws {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let line = #"{"text":"a"}"#
        for text in [line, line + "\n", line + "\r\n", "\n \t\r\n" + line + "\n\n"] {
            #expect(try read(Array(text.utf8)) == [.text("a")])
            #expect(try read(mark + Array(text.utf8)) == [.text("a")])
        }
        #expect(try read("") == [])
        #expect(try read(mark) == [])
        #expect(try read("\n\n") == [])
        let wrong = try read(mark + Array("\nx\n".utf8))
        #expect(wrong == [.bad(line: 2, column: 1, problem: "expected a value")])
    }

    @Test(arguments: [1, 2, 3, 7, 4097])
    func doesNotDependOnTheParts(_ part: Int) throws {
        let text = #"é\u00e9🥚\ud83e\udd5a\n世"#
        let lines = (0..<300).map { #"{"n":\#($0).5,"t":true,"text":"\#($0)\#(text)"}"# }
        let bytes = Array((lines.joined(separator: "\n") + "\n{\"text\":\"é").utf8)
        let outcomes = try read(bytes, part: part)
        #expect(outcomes.count == 301)
        for number in 0..<300 { #expect(outcomes[number] == .text("\(number)éé🥚🥚\n世")) }
        #expect(outcomes[300] == .bad(line: 301, column: 11, problem: "a string does not end"))
    }

    /// What is longer than one byte meets the end of the reader's window at each of its bytes.
    @Test(arguments: 0..<14) func readsAcrossItsWindow(_ shift: Int) throws {
        let before = String(repeating: "a", count: (1 << 17) - 20 + shift)
        let line = #"{"text":"\#(before)\ud83e\udd5a🥚é\u00e9\\\n"}"#
        #expect(
            try read(line + "\n" + line)
                == [.text(before + "🥚🥚éé\\\n"), .text(before + "🥚🥚éé\\\n")])
        let bad = try read(#"{"text":"\#(before)é\udd5a"}"#)
        #expect(
            bad == [.bad(line: 1, column: 9 + before.count + 2, problem: "a lone surrogate")])
    }

    @Test func goesOnBehindABadLine() throws {
        let good = #"{"text":"a"}"#
        let long = String(repeating: "x", count: 300_000)
        let text = [good, "{", #"{"text":1}"#, #"{"text":"\#(long)"#, good, "[]", good]
        let bad = try read(text.joined(separator: "\n"))
        #expect(
            bad == [
                .text("a"), .bad(line: 2, column: 2, problem: "expected a string"),
                .bad(line: 3, column: 9, problem: "\"text\" is a number, not a string"),
                .bad(line: 4, column: 300_010, problem: "a string does not end"), .text("a"),
                .bad(line: 6, column: 1, problem: "the line is an array, not an object"),
                .text("a"),
            ])
    }

    /// A value that is passed over is read by the same rules as one that is kept.
    @Test(arguments: [
        "nul", "+1", ".5", "1.", "01", "1 2", "[1,]", "[1 2]", "{a:1}", #"{"a":1,"a":2}"#,
        #"{"a":1,}"#, #""\x""#, #""\u12""#, #""\ud83e""#, "\"\t\"", "[[]", "'a'", "\u{A0}1",
    ])
    func isAsStrictAsTheReaderOfDocuments(_ value: String) throws {
        let line = #"{"text":"a","x":\#(value)}"#
        let lineError = #expect(throws: JSONError.self) { try JSONValue(Array(line.utf8)) }
        let expected = try #require(lineError)
        #expect(
            try read(line) == [
                .bad(line: 1, column: expected.column, problem: expected.problem)
            ])
    }

    /// Keys are compared one by one where they are few, and otherwise by a set.
    @Test(arguments: [1, 2, 15, 16, 17, 40]) func findsEveryDuplicateAmongManyKeys(_ count: Int)
        throws
    {
        let members = (0..<count).map { #""k\#($0)":{"k\#($0)":\#($0)}"# }.joined(separator: ",")
        #expect(try read(#"{\#(members),"text":"a"}"#) == [.text("a")])
        for number in 0..<count {
            let line = #"{\#(members),"k\#(number)":1,"text":"a"}"#
            let expected = Outcome.bad(
                line: 1, column: members.utf8.count + 3,
                problem: #"duplicate key "k\#(number)""#)
            #expect(try read(line) == [expected])
        }
        let shown = ["its keys are \"k0\"", count > 5 ? "and \(count - 5) more" : ""]
        guard case .bad(1, 1, let problem) = try read("{\(members)}")[0] else {
            Issue.record("an object without the key is read")
            return
        }
        #expect(shown.allSatisfy { $0.isEmpty || problem.contains($0) }, "\(problem)")
    }

    @Test func boundsDepthAndKeys() throws {
        func nested(_ depth: Int) -> String {
            let (open, close) = (
                String(repeating: "[", count: depth), String(repeating: "]", count: depth)
            )
            return #"{"x":\#(open)\#(close),"text":"a"}"#
        }
        #expect(try read(nested(JSONValue.maximumDepth - 1)) == [.text("a")])
        #expect(
            try read(nested(100_000)) == [
                .bad(line: 1, column: 5 + JSONValue.maximumDepth, problem: "nested too deeply")
            ])
        let key = [UInt8](repeating: 0x6B, count: JSONValue.maximumKeyBytes + (1 << 17))
        guard case .bad(1, _, "a key is too long") = try read(Array("{\"".utf8) + key)[0] else {
            Issue.record("a key of \(key.count) bytes is read")
            return
        }
        let digits = String(repeating: "7", count: 1 << 20)
        #expect(try read(#"{"x":\#(digits),"text":"a"}"#) == [.text("a")])
    }

    @Test(arguments: [
        [0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82],
    ])
    func refusesWhatIsNoUTF8(_ bytes: [UInt8]) throws {
        for end in ["\"}", ""] {
            let line = Array(#"{"text":"é"#.utf8) + bytes + Array(end.utf8)
            #expect(
                try read(line) == [
                    .bad(line: 1, column: 11, problem: "a string is not valid UTF-8")
                ])
        }
    }

    @Test func passesErrorsOfItsSourceOn() throws {
        struct Failure: Error {}
        let lines = JSONLines(field: ["text"]) { _ in throw Failure() }
        #expect(throws: Failure.self) { try lines.next { _ in } }
        var isGiven = false
        let full = JSONLines(field: ["text"]) { buffer in
            defer { isGiven = true }
            guard !isGiven else { return 0 }
            buffer.copyBytes(from: #"{"text":"a"}"#.utf8)
            return 12
        }
        #expect(throws: Failure.self) { try full.next { _ in throw Failure() } }
    }
}
