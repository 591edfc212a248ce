/// Stories one after the other, up to a number of bytes or of stories.
///
/// A NUL byte stands between two stories; after the last there is none.
public struct Storybook {
    /// About how many bytes a chunk has: enough that writing it costs little.
    private static let chunkBytes = 1 << 18

    private var generator: StoryGenerator
    private let maximumBytes: Int
    private let maximumStories: Int
    private var isComplete = false
    /// What ``nextChunk()`` has returned so far.
    public private(set) var statistics = TextStatistics()

    /// Begins a text.
    /// - Parameters:
    ///   - grammar: Where the stories come from.
    ///   - seed: Names the stories; another seed gives others.
    ///   - maximumBytes: The text is never longer; it ends before the first story that does not fit.
    ///   - maximumStories: The text never holds more stories.
    public init(
        grammar: Grammar, seed: UInt64, maximumBytes: Int = .max, maximumStories: Int = .max
    ) {
        generator = StoryGenerator(grammar: grammar, seed: seed)
        self.maximumBytes = maximumBytes
        self.maximumStories = maximumStories
    }

    /// The next whole stories of the text; nil after its end.
    /// - Throws: ``StoryError`` when a story outgrows ``StoryLimits``.
    public mutating func nextChunk() throws(StoryError) -> [UInt8]? {
        var chunk: [UInt8] = []
        chunk.reserveCapacity(2 * Self.chunkBytes)
        while !isComplete && chunk.count < Self.chunkBytes {
            guard statistics.stories < maximumStories else {
                isComplete = true
                break
            }
            let end = chunk.count
            if statistics.stories > 0 { chunk.append(0) }
            let index = UInt64(statistics.stories)
            let entropy = try generator.appendStory(index, to: &chunk)
            if chunk.count > maximumBytes - statistics.bytes {
                chunk.removeLast(chunk.count - end)
                isComplete = true
            } else {
                statistics.addStory(entropy: entropy)
            }
        }
        guard !chunk.isEmpty else { return nil }
        statistics.addText(chunk)
        return chunk
    }
}
