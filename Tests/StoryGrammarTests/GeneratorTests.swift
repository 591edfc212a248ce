import FixedPoint
import Storage
import StoryGrammar
import Testing

@Suite struct GeneratorTests {
    static let sample = """
        # Three children and their fruit.
        table girl: name, he=she
          Anna; 2* Bea
        table boy: name, he=he
          Tom; Udo; Vic
        union person: girl boy
        table fruit: one, many={one}s
          apple; cherry, cherries; plum; orange
        greeting: 3* hello | good {morning|evening}
        story:
          - {hero=person}{friend=person}{n=3..9}{m=1..n}{k=n - m}{g=greeting}
            {hero}'s {a} {fruit}

            "{^g}," said {hero.he} to {friend}, {n} {n==1?apple|apples}, "{g}": {k.digits} {a} {|big }{fruit}.

        """

    static func stories(_ source: String, seed: UInt64 = 1, count: UInt64) throws -> [String] {
        var generator = StoryGenerator(
            grammar: try Grammar(Array(source.utf8), path: "t"), seed: seed)
        return try (0..<count).map { index in
            var text: [UInt8] = []
            _ = try generator.appendStory(index, to: &text)
            return String(decoding: text, as: UTF8.self)
        }
    }

    /// The entropy of one story in bits, with 32 fraction bits.
    static func entropy(_ source: String, story: UInt64 = 0) throws -> Int64 {
        var generator = StoryGenerator(grammar: try Grammar(Array(source.utf8), path: "t"), seed: 3)
        var text: [UInt8] = []
        return try generator.appendStory(story, to: &text)
    }

    @Test func aStoryDependsOnItsIndexOnly() throws {
        let all = try Self.stories(Self.sample, count: 20)
        let grammar = try Grammar(Array(Self.sample.utf8), path: "t")
        for index in [19, 3, 11, 3] {
            var generator = StoryGenerator(grammar: grammar, seed: 1)
            var text = Array("before ".utf8)
            _ = try generator.appendStory(UInt64(index), to: &text)
            #expect(String(decoding: text, as: UTF8.self) == "before " + all[index])
        }
        #expect(try Self.stories(Self.sample, seed: 1 << 40, count: 20) != all)
    }

    /// Pins the order of draws: a change here changes every text of every seed.
    @Test func fixedText() throws {
        let text = try Self.stories(Self.sample, count: 40).joined()
        #expect(XXH64.hash(Array(text.utf8)) == 5_008_257_874_178_845_633)
    }

    @Test(arguments: [
        ("story: one", "one\n"),
        ("story: {n=42}{n} {n.digits} {m=n * 9}{m} {k=n - m}{k} {j=m + m}{j}", "number"),
        ("story: {a} {x} {^a} {y}\nx: egg\ny: house", "an egg A house\n"),
        ("story: {^x}, {x}. \"{^}{}{x}\"\nx: the end", "The end, the end. \"The end\"\n"),
        ("story: {x} b {x}\nx: {}", "b\n"),
        ("story: \\{\\|\\}\\\\\\n\\#", "{|}\\\n#\n"),
        ("story:\n  - b\n\n    c\n    d  \n\n\n    e", "b\n\nc d\n\ne\n"),
        ("story: {n=3}{n==3?b|c}{n<3?d}{n>2?e|f}{n==4?g}", "be\n"),
        ("story: {n=5}{m=9..n}{m.digits}", "9\n"),
        ("story: {a} {x=y}nice {x}\ny: egg", "a nice egg\n"),
        ("story: {^}{x=y}{x} {x}\ny: egg", "Egg egg\n"),
        ("story: {x=y}egg {x} egg\ny: {a}", "egg a egg\n"),
        ("table t: one, two\n  b, 3* c\nstory: {t} {t.two}", "b 3* c\n"),
        ("table t: one, many={one}s\n  fox, foxes\nstory: {t} {t.many}", "fox foxes\n"),
    ])
    func text(_ source: String, _ expected: String) throws {
        let number =
            "forty-two 42 three hundred and seventy-eight zero seven hundred and fifty-six\n"
        let story = try Self.stories(source, count: 1)[0]
        #expect(story == (expected == "number" ? number : expected))
    }

    @Test func heldRowsAreDifferent() throws {
        let source = "table t: one\n  b; c; d; e\nstory: {x=t}{y=t}{z=t}{x}{y}{z}{t}"
        for story in try Self.stories(source, count: 200) {
            #expect(Set(story).count == 5)  // four letters and the newline
        }
    }

    @Test func rememberedTextIsRepeated() throws {
        let source = "x: b|c|d|e\npair: {x}{x}{x}\nstory: {y=pair}{y} {y} {^y}"
        for story in try Self.stories(source, count: 50) {
            let words = story.dropLast().split(separator: " ")
            #expect(words[0] == words[1])
            #expect(words[2].lowercased() == words[0])
        }
    }

    /// Worked by hand. Bits with 32 fraction bits; log2(3) is rounded down by up to 2 units.
    @Test(
        arguments: [
            ("story: b", 0),
            ("story: b | c", 1 << 32),
            ("story: {b|c}{b|c|d|e}", 3 << 32),
            ("story: {x} {x}\nx: 2* b | 2* {c|d}", 0),
            ("table t: one\n  b; c; d; e; f\nstory: {x=t}{y=t}{x}{y}", 0),
            ("story: {n=1..8}{n}", 3 << 32),
            ("story: {n=5..5}{n}", 0),
            ("table t: one\n  b\nstory: {t}", 0),
        ] as [(String, Int64)])
    func entropy(_ source: String, _ expected: Int64) throws {
        for story in 0..<20 {
            let bits = try Self.entropy(source, story: UInt64(story))
            if source.contains("2* b") {
                #expect([2 << 32, 3 << 32, 4 << 32].contains(bits))
            } else if source.contains("{y=t}") {
                // 1/5 for the first row, 1/4 for the second.
                #expect(bits == BinaryLogarithm.q32(5) + (2 << 32))
            } else {
                #expect(bits == expected)
            }
        }
    }

    /// Weights 3 and 1: the outcome b costs log2(4/3), c costs 2 bits, and b comes 3 times in 4.
    @Test func weights() throws {
        let source = "story: 3* b | c"
        let texts = try Self.stories(source, count: 4000)
        let count = texts.count { $0 == "b\n" }
        #expect((2900...3100).contains(count))
        let grammar = try Grammar(Array(source.utf8), path: "t")
        var generator = StoryGenerator(grammar: grammar, seed: 1)
        for index in 0..<20 {
            var text: [UInt8] = []
            let bits = try generator.appendStory(UInt64(index), to: &text)
            let b = (2 << 32) - BinaryLogarithm.q32(3)
            #expect(bits == (texts[index] == "b\n" ? b : 2 << 32))
        }
    }

    @Test func recursionIsBounded() throws {
        // Nearly always deeper: at the limit the short alternative is taken without a choice.
        let story = try Self.stories("story: {x}\nx: 9999* b{x} | e", count: 2)[1]
        #expect(story == String(repeating: "b", count: StoryLimits.maximumDepth - 1) + "e\n")
        let doubling = "story: {x}\nx: 99* {x}{x} | bb"
        #expect(throws: StoryError.self) { try Self.stories(doubling, count: 1) }
    }

    /// What is remembered counts as what is written, or a small grammar could ask for all memory.
    @Test func remembersNoMoreThanAStoryHolds() throws {
        let long = String(repeating: "b", count: StoryLimits.maximumBytes / 3)
        #expect(
            try Self.stories("x: \(long)\nstory: {n=1}{y=x}{y=x}{n==2?{y}}c", count: 1) == ["c\n"])
        #expect(throws: StoryError.self) {
            try Self.stories("x: \(long)\nstory: {n=1}{y=x}{y=x}{y=x}{y=x}{n==2?{y}}c", count: 1)
        }
    }
}
