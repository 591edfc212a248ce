import Diagnostics
import TokenShards

/// Tokens to be scored, which can be read from any place in them.
public protocol TokenSource {
    /// What errors call it.
    var name: String { get }
    /// Number of tokens.
    var count: Int { get }
    /// Fills `buffer` with the tokens from `position` on.
    /// - Precondition: There are that many.
    func read(at position: Int, into buffer: UnsafeMutableRawBufferPointer) throws
}

/// Text that cannot be scored.
public struct EvaluationError: UserError {
    public let location: String
    public let finding: String
    public let remedy: String
}

/// A split of a shard directory.
public struct ShardTokens: TokenSource {
    private let shards: ShardSet
    private let split: Split

    public init(_ shards: ShardSet, split: Split) {
        self.shards = shards
        self.split = split
    }

    public var name: String { "\(shards.directory): split '\(split.rawValue)'" }

    public var count: Int { shards.tokenCount(split) }

    public func read(at position: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
        try shards.read(split, at: position, count: buffer.count, into: buffer)
    }
}

/// Tokens to be scored that come one after another, as a single stream.
public protocol TokenStream {
    /// What errors call it.
    var name: String { get }
    /// Number of tokens, where it is known beforehand.
    var expectedCount: Int? { get }
    /// Puts the next tokens at the start of `buffer`, which is not empty.
    /// - Returns: How many, 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// A text after a leading document separator, so that each byte of it is the target of the token before it.
public final class TextTokens: TokenStream {
    private let text: TextInput
    private var isAtStart = true

    public init(_ text: TextInput) { self.text = text }

    public var name: String { text.path }

    public var expectedCount: Int? { text.expectedBytes.map { $0 + 1 } }

    public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard isAtStart else { return try text.read(into: buffer) }
        isAtStart = false
        buffer[0] = ByteTokenizer.documentSeparator
        return 1
    }
}
