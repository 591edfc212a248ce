import Storage
import TestSupport
import Testing

@testable import TokenShards

@Suite("Documents")
struct DocumentTests {
    /// The rule in one line: the parts between NUL bytes that are not empty, each after a token 0.
    private func expected(_ texts: [[UInt8]]) -> [UInt8] {
        texts.flatMap { $0.split(separator: 0).flatMap { [0] + $0 } }
    }

    @Test(
        "begin with token 0, and empty ones are left out",
        arguments: [
            ["a"], ["a\0b"], ["\0a"], ["a\0"], ["\0\0\0a\0\0b\0\0"], ["a", "b"], ["a\0", "\0b"],
            ["", "a", ""], ["\0", "a\0b", "\0\0", "c"],
        ])
    func rule(texts: [String]) throws {
        let directory = try TemporaryDirectory()
        let bytes = texts.map { Array($0.utf8) }
        let path = try makeShards(bytes, in: directory, shardTokens: 3, frameTokens: 2)
        let tokens = try readAll(path)
        #expect(tokens == expected(bytes))
        let shards = try ShardSet(directory: path)
        #expect(shards.index.train.documents == tokens.count(where: { $0 == 0 }))
        try shards.verify()
    }

    @Test("are found where a NUL byte falls on the edge of a read", arguments: [-1, 0, 1])
    func readEdge(shift: Int) throws {
        let directory = try TemporaryDirectory()
        var text = sampleText(400_000)
        for edge in [1 << 17, 2 << 17] { text[edge + shift] = 0 }
        let path = try makeShards([text], in: directory, shardTokens: 1 << 20, frameTokens: 5000)
        #expect(try readAll(path) == expected([text]))
        #expect(try ShardSet(directory: path).index.train.documents == 3)
    }

    @Test("are refused where there are none at all", arguments: [[""], ["\0\0"], ["", ""]])
    func empty(texts: [String]) throws {
        let directory = try TemporaryDirectory()
        let error = try #require(throws: ShardError.self) {
            try makeShards(texts.map { Array($0.utf8) }, in: directory)
        }
        #expect(error.finding.contains("no text"))
        #expect(try Files.kind(directory.file("shards")) == nil)
    }
}

@Suite("The validation split")
struct ValidationTests {
    private func fraction(_ text: String) throws -> ValidationFraction {
        try #require(ValidationFraction(text))
    }

    @Test(
        "is the end of the training tokens",
        arguments: ["0.001", "0.1", "0.25", ".5", "0.75", "0.9999"],
        [(1000, 100), (190, 40), (70, 30)])
    func cut(fractionText: String, layout: (shard: Int, frame: Int)) throws {
        let directory = try TemporaryDirectory()
        var text = sampleText(2000)
        for place in [100, 300, 499, 500, 501, 1000, 1500, 1998] { text[place] = 0 }
        let whole = try readAll(makeShards([text], in: directory, name: "whole"))
        let path = try makeShards(
            [text], in: directory, shardTokens: layout.shard, frameTokens: layout.frame,
            validation: .fraction(fraction(fractionText)))
        let count = try fraction(fractionText).of(whole.count)
        let tail = Array(whole.suffix(count))
        #expect(try readAll(path) == Array(whole.dropLast(count)))
        #expect(try readAll(path, .validation) == (tail.first == 0 ? tail : [0] + tail))
        try ShardSet(directory: path).verify()
        #expect(try !Files.list(path).contains { $0.hasSuffix(AtomicFile.suffix) })
    }

    @Test("at a document's beginning gets no other separator")
    func cutBetweenDocuments() throws {
        let directory = try TemporaryDirectory()
        let path = try makeShards(
            [Array("abc".utf8), Array("def".utf8)], in: directory,
            validation: .fraction(fraction("0.5")))
        #expect(try readAll(path) == document(Array("abc".utf8)))
        #expect(try readAll(path, .validation) == document(Array("def".utf8)))
    }

    @Test(
        "is a share of the count, rounded down",
        arguments: [
            ("0.5", 5, 2), ("0.999999999", 10, 9), ("0.01", 99, 0),
            ("0.000000001", 4_000_000_000, 4),
        ])
    func share(text: String, count: Int, expected: Int) throws {
        #expect(try fraction(text).of(count) == expected)
        #expect(try fraction(text).of(Int.max) < Int.max)
    }

    @Test(
        "refuses fractions that are none",
        arguments: [
            "", "0", "1", "1.0", "0.0", "-0.5", "1e-3", "0.5x", "nan", "half", ".", "0.0000000001",
            "99999999999999999999", "10000000000", "9223372036854775807",
        ])
    func badFraction(text: String) {
        #expect(ValidationFraction(text) == nil)
    }

    @Test("of less than a token is refused, and nothing is left")
    func tooSmall() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: ShardError.self) {
            try makeShards(
                [sampleText(50)], in: directory, validation: .fraction(fraction("0.01")))
        }
        #expect(try Files.kind(directory.file("shards")) == nil)
    }

    @Test("comes from texts of its own")
    func ownTexts() throws {
        let directory = try TemporaryDirectory()
        let other = try directory.write("other.txt", "other\0text")
        let path = try makeShards(
            [Array("some".utf8)], in: directory, validation: .inputs([other]))
        #expect(try readAll(path) == Array("\0some".utf8))
        #expect(try readAll(path, .validation) == Array("\0other\0text".utf8))
    }

    @Test("refuses texts of its own that are empty or missing, and leaves nothing")
    func emptyTexts() throws {
        let directory = try TemporaryDirectory()
        let empty = try directory.write("empty.txt", "")
        for input in [empty, directory.file("missing")] {
            #expect(throws: (any Error).self) {
                try makeShards([Array("some".utf8)], in: directory, validation: .inputs([input]))
            }
            #expect(try Files.kind(directory.file("shards")) == nil)
        }
    }
}
