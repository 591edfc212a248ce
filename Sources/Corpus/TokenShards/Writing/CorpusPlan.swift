import Diagnostics
import Storage

/// What ``CorpusTokenizer`` reads and how it divides it.
public struct CorpusPlan: Sendable {
    /// Where the validation split comes from.
    public enum Validation: Sendable {
        /// There is none.
        case none
        /// It is made of texts of its own.
        case inputs([String])
        /// It is the end of the training tokens.
        case fraction(ValidationFraction)
    }

    /// The files and directories to read, with `-` for standard input at most once in all.
    public var inputs: [String]
    /// Where the validation split comes from.
    public var validation: Validation
    /// How the tokens are cut and compressed.
    public var layout: ShardLayout
    /// How the bytes of all inputs stand for characters.
    public var encoding: TextEncoding
    /// Whether it is an error where something in an input directory cannot be read as text, instead of skipping it.
    public var isStrict: Bool
    /// Which files of the input directories are read.
    public var filter = PathFilter()
    /// Where the texts are in the records of the inputs, which are then JSON Lines; nil where the inputs are texts.
    public var field: RecordField?
    /// Whether lines that give no text are counted and skipped, instead of being errors.
    public var skipsBadLines = false
    /// The threads that compress. What is written does not depend on them.
    public var threads = 1

    /// Makes a plan of inputs that are texts, with all files of directories.
    public init(
        inputs: [String], validation: Validation = .none, layout: ShardLayout = .default,
        encoding: TextEncoding = .auto, isStrict: Bool = false
    ) {
        self.inputs = inputs
        self.validation = validation
        self.layout = layout
        self.encoding = encoding
        self.isStrict = isStrict
    }

    /// All inputs, of both splits.
    public var allInputs: [String] {
        if case .inputs(let more) = validation { inputs + more } else { inputs }
    }

    /// The bytes of all input files, or nil where one has no size (standard input, a pipe).
    /// - Throws: `FileError` where an input cannot be looked at.
    public func totalBytes(excluding output: String) throws -> Int? {
        var files = try CorpusFiles(allInputs, excluding: output, filter: filter)
        var total = 0
        while let entry = try files.next() {
            guard let size = try entry.size else { return nil }
            total += size
        }
        return total
    }
}
