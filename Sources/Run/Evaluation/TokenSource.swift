import Diagnostics
import TokenShards

/// Tokens to be scored, which can be read from any place in them.
public protocol TokenSource {
    /// What errors call it.
    var name: String { get }
    /// The number of tokens.
    var count: Int { get }
    /// Fills `buffer` with the tokens from `position` on.
    /// - Precondition: There are that many.
    func read(at position: Int, into buffer: UnsafeMutableRawBufferPointer) throws
}

/// Text that cannot be scored.
public struct EvaluationError: UserError {
    /// The text, or the model that cannot score it.
    public let location: String
    /// What was found there.
    public let finding: String
    /// What to do about it.
    public let remedy: String
}

/// The tokens of a split of a shard directory.
public struct ShardTokens: TokenSource {
    private let shards: ShardSet
    private let split: Split

    /// Takes the tokens of a split.
    public init(_ shards: ShardSet, split: Split) {
        self.shards = shards
        self.split = split
    }

    /// The directory and the split.
    public var name: String { "\(shards.directory): split '\(split.rawValue)'" }

    /// The number of tokens, document separators included.
    public var count: Int { shards.tokenCount(split) }

    /// Fills `buffer` with the tokens from `position` on.
    /// - Throws: `ShardError` where a frame is damaged, or `FileError`.
    public func read(at position: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
        try shards.read(split, at: position, count: buffer.count, into: buffer)
    }
}

/// Tokens to be scored that come one after another, as a single stream.
public protocol TokenStream {
    /// What errors call it.
    var name: String { get }
    /// The number of tokens, where it is known beforehand.
    var expectedCount: Int? { get }
    /// Puts the next tokens at the start of `buffer`, which is not empty.
    /// - Returns: How many, 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// A text after a leading document separator, so that each byte of it is the target of the token before it.
public final class TextTokens: TokenStream {
    private let text: TextInput
    private var isAtStart = true

    /// Takes a text.
    public init(_ text: TextInput) { self.text = text }

    /// The path of the text.
    public var name: String { text.path }

    /// The bytes of the text and the separator before them; nil where the size is not known beforehand.
    public var expectedCount: Int? { text.expectedBytes.map { $0 + 1 } }

    /// Puts the next tokens at the start of `buffer`.
    /// - Returns: How many, 0 at the end.
    /// - Throws: `TextError` or `FileError`.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard isAtStart else { return try text.read(into: buffer) }
        isAtStart = false
        buffer[0] = ByteTokenizer.documentSeparator
        return 1
    }
}
