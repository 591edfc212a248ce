import Diagnostics
import Storage
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

/// The bytes of a file after a leading document separator, so that each byte of the file is the
/// target of the token before it.
public struct FileTokens: TokenSource {
    private let file: InputFile
    private let size: Int

    /// - Throws: `FileError` when the file cannot be opened or is no plain file.
    public init(_ path: String) throws(FileError) {
        // Asked before opening: opening a pipe would wait for a writer.
        guard try Files.kind(path) != .other else { throw Self.notAFile(path) }
        file = try InputFile(path)
        guard let size = file.size else { throw Self.notAFile(path) }
        self.size = size
    }

    private static func notAFile(_ path: String) -> FileError {
        FileError(path, "is a pipe or a device", remedy: "save the text to a file first")
    }

    public var name: String { file.path }

    public var count: Int { size + 1 }

    public func read(at position: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
        var rest = buffer
        if position == 0 && !buffer.isEmpty {
            buffer[0] = ByteTokenizer.documentSeparator
            rest = UnsafeMutableRawBufferPointer(rebasing: buffer.dropFirst())
        }
        let count = try file.read(into: rest, at: max(0, position - 1))
        guard count == rest.count else {
            throw FileError(
                name, "became shorter while it was read", remedy: "run again when it is complete")
        }
    }
}
