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

    /// Makes a plan.
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
        var files = try CorpusFiles(allInputs, excluding: output)
        var total = 0
        while let entry = try files.next() {
            guard let size = try entry.size else { return nil }
            total += size
        }
        return total
    }
}

/// How far ``CorpusTokenizer`` is.
public struct TokenizingProgress: Sendable {
    /// The bytes of the input files that were read, as they are stored.
    public var inputBytes = 0
    /// The bytes of text, after decompression.
    public var textBytes = 0
    /// What of the input directories was skipped.
    public internal(set) var skipped = FileTally()
    /// Inputs that were read, though their beginnings look like no text.
    public internal(set) var doubtful = FileTally()
}

/// Turns texts into a data set of token shards. Memory does not grow with the texts.
public struct CorpusTokenizer {
    private let plan: CorpusPlan
    private let dataset: StagedDataset
    private let report: (TokenizingProgress) -> Void
    private var progress = TokenizingProgress()

    /// Prepares to read the inputs.
    /// - Parameters:
    ///   - plan: What to read and how to divide it.
    ///   - dataset: Where to write.
    ///   - report: Called after each part of the text, some 100 KB.
    public init(
        _ plan: CorpusPlan, into dataset: StagedDataset,
        report: @escaping (TokenizingProgress) -> Void = { _ in }
    ) {
        self.plan = plan
        self.dataset = dataset
        self.report = report
    }

    /// Writes and publishes the data set.
    /// - Returns: What was written, and how much text was read.
    /// - Throws: `FileError` naming an input that cannot be read, or ``ShardError``; the data set is
    ///   then abandoned.
    public mutating func run() throws -> (index: ShardIndex, progress: TokenizingProgress) {
        do {
            let index = try makeIndex()
            try dataset.publish(index: index)
            return (index, progress)
        } catch {
            dataset.abandon()
            throw error
        }
    }

    private mutating func makeIndex() throws -> ShardIndex {
        // Opening both lists first finds a misspelt path before the work begins.
        let trainFiles = try files(plan.inputs)
        switch plan.validation {
        case .none:
            return ShardIndex(train: try write(trainFiles, .train), validation: .empty)
        case .inputs(let inputs):
            let validationFiles = try files(inputs)
            return ShardIndex(
                train: try write(trainFiles, .train),
                validation: try write(validationFiles, .validation))
        case .fraction(let fraction):
            let whole = try write(trainFiles, .train)
            let cut = ValidationCut(dataset: dataset, layout: plan.layout)
            let (train, validation) = try cut.divide(whole, fraction)
            return ShardIndex(train: train, validation: validation)
        }
    }

    private func files(_ inputs: [String]) throws -> CorpusFiles {
        try CorpusFiles(inputs, excluding: dataset.directory, isStrict: plan.isStrict)
    }

    private mutating func write(_ files: CorpusFiles, _ split: Split) throws -> ShardIndex.Part {
        var files = files
        let tokens = try SplitWriter(split, to: dataset, layout: plan.layout)
        var documents = DocumentWriter(tokens)
        var buffer = [UInt8](repeating: 0, count: 1 << 17)
        while let entry = try files.next() {
            if let text = try open(entry, of: &files) {
                try write(text, to: &documents, through: &buffer)
            }
        }
        progress.skipped.add(files.skipped)
        guard tokens.tokens > 0 else {
            throw ShardError(
                dataset.directory,
                "nothing to write: the inputs of '\(split.rawValue)' hold no text",
                remedy: "name files or directories that hold text")
        }
        return try tokens.finish()
    }

    /// Opens a file; nil for one of a directory that is to be skipped.
    private mutating func open(
        _ entry: CorpusFiles.Entry, of files: inout CorpusFiles
    ) throws -> TextInput? {
        let reason: SkipReason
        do {
            let text = try TextInput(InputFile.named(entry.path), encoding: plan.encoding)
            if text.isDoubtful { progress.doubtful.add(entry.path, "doubtful") }
            return text
        } catch let error as TextError where !entry.isNamed {
            reason = .noText(error)
        } catch let error as FileError where !entry.isNamed {
            guard let denied = SkipReason(error) else { throw error }
            reason = denied
        }
        try files.skipLast(entry, reason)
        progress.inputBytes += (try? entry.size) ?? 0
        return nil
    }

    private mutating func write(
        _ text: TextInput, to documents: inout DocumentWriter, through buffer: inout [UInt8]
    ) throws {
        let before = progress.inputBytes
        documents.endDocument()
        while true {
            let count = try buffer.withUnsafeMutableBytes { bytes in
                let count = try text.read(into: bytes)
                try documents.append(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                return count
            }
            progress.inputBytes = before + text.bytesRead
            if count == 0 { return }
            progress.textBytes += count
            report(progress)
        }
    }
}
