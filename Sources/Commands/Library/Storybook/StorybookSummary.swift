import Diagnostics
import Storage
import StoryGrammar

/// What the command reports about the text it wrote.
struct StorybookSummary {
    let statistics: TextStatistics
    let seed: UInt64
    /// XXH64 of the whole text, in hexadecimal.
    let textHash: String

    /// Lines for a reader.
    var text: String {
        """
        wrote \(statistics.bytes.counted("byte")), \(stories), seed \(seed), XXH64 \(textHash)
        true entropy    \(statistics.entropyBitsPerByte) bits/byte (of the choices: an upper bound)
        unigram entropy \(statistics.unigramBitsPerByte) bits/byte

        """
    }

    private var stories: String { statistics.stories.counted("story", plural: "stories") }

    /// The same for a program. The seed is a string, as not every reader keeps 64-bit integers.
    var json: JSONValue {
        .object([
            .init("bytes", .integer(statistics.bytes)),
            .init("stories", .integer(statistics.stories)),
            .init("seed", .string("\(seed)")),
            .init("textXXH64", .string(textHash)),
            .init("entropyBitsPerByte", .string(statistics.entropyBitsPerByte)),
            .init("unigramBitsPerByte", .string(statistics.unigramBitsPerByte)),
        ])
    }
}
