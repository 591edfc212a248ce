import Storage
import StoryGrammar
import TestSupport
import Testing

/// The grammar that comes with the toolkit, and the text made from it.
@Suite struct StorybookTests {
    static let path = PackageFiles.path("Data/storybook.grammar")

    static let text: Result<[UInt8], any Error> = Result {
        try write(bytes: 120_000).text
    }

    static func write(
        seed: UInt64 = 1, bytes: Int = .max, stories: Int = .max
    ) throws -> (text: [UInt8], statistics: TextStatistics) {
        var book = Storybook(
            grammar: try Grammar.load(path), seed: seed, maximumBytes: bytes,
            maximumStories: stories)
        var text: [UInt8] = []
        while let chunk = try book.nextChunk() { text += chunk }
        return (text, book.statistics)
    }

    /// Changes with the grammar and with the order of draws, and with nothing else.
    @Test func first2KB() throws {
        #expect(XXH64.hash(Array(try Self.text.get().prefix(2048))) == 5_715_526_701_688_634_159)
    }

    @Test func onlyPrintableCharacters() throws {
        let text = try Self.text.get()
        #expect(text.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x0A || $0 == 0 })
        #expect(text.first != 0 && text.last == 0x0A)
    }

    @Test func everyStoryIsWellFormed() throws {
        let text = String(decoding: try Self.text.get(), as: UTF8.self)
        for story in text.split(separator: "\0", omittingEmptySubsequences: false) {
            let bytes = Array(story.utf8)
            for wrong in [
                "  ", " \n", "\n ", "\n\n\n", "{", "}", "|", " ,", " .", "..", ",,", "?.",
            ]
            where Self.contains(bytes, wrong) {
                Issue.record("'\(wrong)' in: \(story)")
            }
            for paragraph in story.split(separator: "\n") {
                #expect(paragraph.utf8.count { $0 == UInt8(ascii: "\"") } % 2 == 0)
            }
            #expect(story.split(separator: "\n").count >= 4)
        }
    }

    @Test func articlesAgree() throws {
        let text = String(decoding: try Self.text.get(), as: UTF8.self)
        let words = text.split { " \n\0".utf8.contains($0.asciiValue ?? 0) }
        for (article, next) in zip(words, words.dropFirst()) {
            guard let letter = next.utf8.first else { continue }
            let vowel = "aeiouAEIOU".utf8.contains(letter)
            switch article {
            case "a", "A", "\"A": #expect(!vowel, "\(article) \(next)")
            case "an", "An", "\"An": #expect(vowel, "\(article) \(next)")
            default: break
            }
        }
    }

    @Test func neverMoreBytesThanAsked() throws {
        let full = try Self.text.get()
        for limit in [5000, 20_001, 60_000] {
            let (text, statistics) = try Self.write(bytes: limit)
            #expect(text.count <= limit && text.count == statistics.bytes)
            #expect(text == Array(full.prefix(text.count)))
            // The next story would not have fitted.
            let end = full[(text.count + 1)...].firstIndex(of: 0) ?? full.count
            #expect(end > limit)
        }
        #expect(try Self.write(bytes: 10).text.isEmpty)
    }

    @Test func numberOfStories() throws {
        let (text, statistics) = try Self.write(stories: 7)
        #expect(statistics.stories == 7)
        #expect(text.count { $0 == 0 } == 6)
        #expect(try Self.write(bytes: text.count).text == text)
        #expect(try Self.write(bytes: text.count - 1).statistics.stories == 6)
    }

    @Test func entropies() throws {
        var book = Storybook(
            grammar: try Grammar(Array("story: b | c".utf8), path: "t"), seed: 1,
            maximumStories: 1000)
        while try book.nextChunk() != nil {}
        // One bit for each story of two bytes and the NUL between: 1000 / 2999.
        #expect(book.statistics.bytes == 2999)
        #expect(book.statistics.entropyBitsPerByte == "0.3334")
        // A third each of newlines, NULs and the two letters: log2(3) + 1/3 = 1.918.
        #expect(book.statistics.unigramBitsPerByte.hasPrefix("1.918"))
    }

    private static func contains(_ bytes: [UInt8], _ pattern: String) -> Bool {
        let pattern = Array(pattern.utf8)
        guard bytes.count >= pattern.count else { return false }
        return (0...bytes.count - pattern.count).contains { start in
            bytes[start] == pattern[0]
                && bytes[start..<start + pattern.count].elementsEqual(pattern)
        }
    }
}
