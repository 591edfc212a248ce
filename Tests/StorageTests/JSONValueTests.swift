import Storage
import Testing

@Suite struct JSONValueTests {
    @Test(
        arguments: [
            ("null", .null),
            (" \t\r\n true ", .bool(true)),
            ("false", .bool(false)),
            ("0", .number("0")),
            ("-0", .number("-0")),
            ("-12.50e+3", .number("-12.50e+3")),
            ("1E5", .number("1E5")),
            (#""""#, .string("")),
            (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")),
            (#""\u0041\u00e9\u20AC\ud83e\udd5a""#, .string("Aé€🥚")),
            (#""é🥚""#, .string("é🥚")),
            (#""\u0000""#, .string("\u{0}")),
            ("[]", .array([])),
            ("[ 1 , [ ] ]", .array([.number("1"), .array([])])),
            ("{}", .object([])),
            (
                #"{ "b" : 1 , "a" : { } }"#,
                .object([.init("b", .number("1")), .init("a", .object([]))])
            ),
        ] as [(String, JSONValue)])
    func readsValues(_ text: String, _ value: JSONValue) throws {
        #expect(try JSONValue(Array(text.utf8)) == value)
    }

    @Test(arguments: [
        ("", 0, "the text ends early"),
        ("  ", 2, "the text ends early"),
        ("nul", 0, "unknown word"),
        ("nullx", 4, "more text after the value"),
        ("1 2", 2, "more text after the value"),
        ("\u{FEFF}1", 0, "expected a value"),
        ("}", 0, "expected a value"),
        ("+1", 0, "expected a value"),
        (".5", 0, "expected a value"),
        ("'a'", 0, "expected a value"),
        ("-", 1, "expected a digit"),
        ("1.", 2, "expected a digit"),
        ("1e", 2, "expected a digit"),
        ("1e+", 3, "expected a digit"),
        ("01", 0, "a number begins with 0"),
        ("-00", 0, "a number begins with 0"),
        ("0x10", 1, "more text after the value"),
        ("[1", 2, "expected ']'"),
        ("[1,]", 3, "expected a value"),
        ("[,1]", 1, "expected a value"),
        ("[1 2]", 3, "expected ']'"),
        ("{", 1, "expected a string"),
        (#"{"a""#, 4, "expected ':'"),
        (#"{"a":"#, 5, "the text ends early"),
        (#"{"a":1"#, 6, "expected '}'"),
        (#"{"a":1,}"#, 7, "expected a string"),
        (#"{a:1}"#, 1, "expected a string"),
        (#"{1:1}"#, 1, "expected a string"),
        (#"{"a":1,"a":2}"#, 7, #"duplicate key "a""#),
        (#"{"a":1,"\u0061":2}"#, 7, #"duplicate key "a""#),
        (#"{"\n":1,"\n":2}"#, 8, #"duplicate key "\n""#),
        (#""abc"#, 4, "a string does not end"),
        (#""abc\"#, 5, "a string does not end"),
        ("\"a\nb\"", 2, "a control character in a string"),
        (#""\x""#, 1, "unknown escape"),
        (#""\u12""#, 5, "expected four hex digits"),
        (#""\u-000""#, 3, "expected four hex digits"),
        (#""\u+041""#, 3, "expected four hex digits"),
        (#""\ud83e""#, 1, "a lone surrogate"),
        (#""\ud83e\u0041""#, 1, "a lone surrogate"),
        (#""\udd5a""#, 1, "a lone surrogate"),
        (#""\ud83e\u"#, 9, "expected four hex digits"),
        ("\u{A0}1", 0, "expected a value"),
    ])
    func refusesOtherText(_ text: String, _ offset: Int, _ problem: String) {
        let error = #expect(throws: JSONError.self) { try JSONValue(Array(text.utf8)) }
        #expect(error?.problem == problem)
        #expect(error?.offset == offset)
        #expect(error?.description == "\(problem) at byte \(offset)")
    }

    @Test(arguments: [
        [0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
    ])
    func refusesStringsThatAreNotUTF8(_ bytes: [UInt8]) {
        let error = #expect(throws: JSONError.self) { try JSONValue([0x22] + bytes + [0x22]) }
        #expect(error?.problem == "a string is not valid UTF-8")
        #expect(throws: JSONError.self) { try JSONValue(bytes) }
    }

    @Test(arguments: [("[", "]"), (#"{"k":"#, "}")])
    func limitsTheDepth(_ opening: String, _ closing: String) throws {
        func nested(_ depth: Int) -> [UInt8] {
            let text =
                String(repeating: opening, count: depth) + "1"
                + String(repeating: closing, count: depth)
            return Array(text.utf8)
        }
        #expect(throws: Never.self) { try JSONValue(nested(JSONValue.maximumDepth)) }
        for depth in [JSONValue.maximumDepth + 1, 100_000] {
            let error = #expect(throws: JSONError.self) { try JSONValue(nested(depth)) }
            #expect(error?.problem == "nested too deeply")
        }
    }

    /// Every beginning of a text is refused, and none traps.
    @Test func refusesEveryTruncation() throws {
        let text = Array(#"{"a":[1.5e-3,true,null,"\u00e9\ud83e\udd5a🥚"],"b":{"c":false}}"#.utf8)
        #expect(throws: Never.self) { try JSONValue(text) }
        for count in text.indices {
            #expect(throws: JSONError.self, "\(count) bytes") {
                try JSONValue(Array(text[..<count]))
            }
        }
    }

    @Test func writesTextThatReadsBack() throws {
        let value = JSONValue.object([
            .init("numbers", .array([.integer(-3), .integer(UInt64.max), .number("0.125")])),
            .init("text", .string("\"\\\n\r\t\u{1}\u{1F}\u{7F}é🥚/")),
            .init("", .null),
            .init("yes", .bool(true)),
        ])
        #expect(
            value.text
                == #"{"numbers":[-3,18446744073709551615,0.125],"#
                + #""text":"\"\\\n\r\t\u0001\u001f"# + "\u{7F}é🥚/\",\"\":null,\"yes\":true}")
        #expect(try JSONValue(Array(value.text.utf8)) == value)
    }

    @Test func givesTypedParts() throws {
        let value = try JSONValue(
            Array(#"{"n":12,"big":9223372036854775808,"half":1.5,"s":"x"}"#.utf8))
        #expect(value["n"]?.integer == 12)
        #expect(value["big"]?.integer == nil)
        #expect(value["half"]?.integer == nil)
        #expect(value["s"]?.integer == nil)
        #expect(value["s"]?.string == "x")
        #expect(value["n"]?.string == nil)
        #expect(value["absent"] == nil)
        #expect(value["n"]?["x"] == nil)
        #expect(value.members?.map(\.key) == ["n", "big", "half", "s"])
        #expect(value.array == nil)
        #expect(JSONValue.integer(Int.min).integer == Int.min)
    }

    /// A value takes some ten times the memory of its text.
    @Test func boundsTheNumberOfValues() {
        let text = "[" + String(repeating: "0,", count: JSONValue.maximumValues) + "0]"
        let error = #expect(throws: JSONError.self) { try JSONValue(Array(text.utf8)) }
        #expect(error?.problem == "too many values")
    }
}
