import Diagnostics

/// A shard directory that cannot be used as it is: which file, which frame, and what to do.
public struct ShardError: UserError, Equatable {
    /// The shard, the index or the directory.
    public let path: String
    /// The number of the frame within its shard, from 0, where one frame is the problem.
    public let frame: Int?
    /// What was found there.
    public let finding: String
    /// What to do about it.
    public let remedy: String

    /// The path, and the frame where one is the problem.
    public var location: String { frame.map { "\(path): frame \($0)" } ?? path }

    static let rebuild = "make the shards again with tokenize"

    init(_ path: String, frame: Int? = nil, _ finding: String, remedy: String = rebuild) {
        self.path = path
        self.frame = frame
        self.finding = finding
        self.remedy = remedy
    }
}

/// A compression library that could not do its work, though its input was sound.
struct CodecError: UserError {
    let location: String
    let finding: String
    let remedy: String

    static func noMemory(_ library: String) -> CodecError {
        CodecError(
            location: library, finding: "no memory for its state",
            remedy: "close other programs and run again")
    }
}
