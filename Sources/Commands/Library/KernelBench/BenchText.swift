import EvolutionStrategy
import SeededNoise
import TokenShards

/// A text of drawn words, which each stream of a population reads from another place on: some words come often and most
/// seldom, so that rows of contexts are found and fetched as in a text of a language. It has no token 0, which resets
/// states.
enum BenchText {
    /// Segments of a population that follow each other, as a run reads them; the first does not start over.
    static func segments(_ population: Population) -> [Segment] {
        let (streams, length) = (population.streams, population.segmentTokens)
        let count = max(1, min(mostSegments, mostTokens / (streams * (length + 1))))
        return (0..<count).map { index in
            var tokens: [UInt8] = []
            tokens.reserveCapacity(streams * (length + 1))
            for stream in 0..<streams {
                tokens += bytes(from: start(of: stream, of: streams) + index * length, length + 1)
            }
            return Segment(tokens: tokens, streams: streams, length: length, position: index + 1)
        }
    }

    /// So many bytes of the text, which goes on from its beginning where it ends.
    static func bytes(from first: Int = 0, _ count: Int) -> [UInt8] {
        (first..<first + count).map { text[$0 % text.count] }
    }

    private static func start(of stream: Int, of streams: Int) -> Int {
        stream * max(1, text.count / streams)
    }

    /// The most segments and the most tokens of all.
    private static let (mostSegments, mostTokens) = (64, 1 << 20)
    private static let length = 1 << 18
    private static let words: UInt32 = 1 << 12

    private static let text: [UInt8] = {
        let key = NoiseKey(seed: 0x7E27, domain: .story)
        var text: [UInt8] = []
        text.reserveCapacity(length + 8)
        for place: UInt32 in 0... {
            if text.count >= length { break }
            let drawn = key.words(block: place)
            // The product of two draws is small more often than large.
            text += word((drawn[0] >> 16) * (drawn[1] >> 16) / (1 << 20)) + [UInt8(ascii: " ")]
        }
        return text
    }()

    /// One to seven letters that only this number has, or few others.
    private static func word(_ number: UInt32) -> [UInt8] {
        let drawn = NoiseKey(seed: 0x7E27, domain: .story, stream: 1).words(block: number % words)
        return (0...drawn[3] % 7).map { UInt8(ascii: "a") + UInt8(drawn[0] >> (4 * $0) & 15) }
    }
}
