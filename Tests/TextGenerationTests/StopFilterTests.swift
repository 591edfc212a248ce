import Testing

@testable import TextGeneration

@Suite struct StopFilterTests {
    /// What each byte lets through, with `|` where the text ends.
    private func pieces(_ text: String, _ stops: [String]) -> [String] {
        var filter = StopFilter(stops.map { Array($0.utf8) })
        var pieces: [String] = []
        for byte in text.utf8 {
            let (part, isEnd) = filter.append(byte)
            pieces.append(String(decoding: part, as: UTF8.self) + (isEnd ? "|" : ""))
            if isEnd { return pieces }
        }
        return pieces + [String(decoding: filter.finish(), as: UTF8.self)]
    }

    @Test func whatMayBeginAStopTextWaits() {
        #expect(pieces("xacab", ["ab", "b"]) == ["x", "", "ac", "", "|"])
        #expect(pieces("aaab", ["aab"]) == ["", "", "a", "|"])
        #expect(pieces("ab", ["abc"]) == ["", "", "ab"])
        #expect(pieces("abc", []) == ["a", "b", "c", ""])
    }

    @Test func ofTwoThatEndTogetherTheLongerCounts() {
        #expect(pieces("xabc", ["c", "abc", "bc"]).joined() == "x|")
    }

    @Test func theEarliestEndCounts() {
        #expect(pieces("abcd", ["abcd", "bc"]).joined() == "a|")
    }

    /// Against a plain search, over all texts of 9 letters of two kinds.
    @Test(arguments: [["aab"], ["abab", "bb"], ["aabaa", "ba", "abb"], ["b", "aaaa"]])
    func isAPlainSearch(stops: [String]) {
        for number in 0..<512 {
            let text = String((0..<9).map { number >> $0 & 1 == 0 ? "a" : "b" })
            var expected = text
            for end in text.indices {
                let read = text[...end]
                let found = stops.filter { read.hasSuffix($0) }.max { $0.count < $1.count }
                guard let found else { continue }
                expected = read.dropLast(found.count) + "|"
                break
            }
            #expect(pieces(text, stops).joined() == expected, "\(text)")
        }
    }
}
