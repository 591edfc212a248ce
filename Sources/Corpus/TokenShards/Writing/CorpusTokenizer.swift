import Diagnostics
import Storage

/// How far ``CorpusTokenizer`` is.
public struct TokenizingProgress: Sendable {
    /// The bytes of the input files that were read, as they are stored.
    public var inputBytes = 0
    /// The bytes of text, after decompression.
    public var textBytes = 0
    /// The files that were read.
    public internal(set) var read = FileTally()
    /// What of the input directories was skipped.
    public internal(set) var skipped = FileTally()
    /// Inputs that were read, though their beginnings look like no text.
    public internal(set) var doubtful = FileTally()
    /// Inputs that were read as texts, though their first lines are JSON objects.
    public internal(set) var records = FileTally()
    /// Lines of JSON Lines that were skipped.
    public internal(set) var badLines = BadLines()
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
            let cut = ValidationCut(
                dataset: dataset, layout: plan.layout, threads: plan.threads)
            let (train, validation) = try cut.divide(whole, fraction)
            return ShardIndex(train: train, validation: validation)
        }
    }

    private func files(_ inputs: [String]) throws -> CorpusFiles {
        try CorpusFiles(
            inputs, excluding: dataset.directory, isStrict: plan.isStrict, filter: plan.filter)
    }

    private mutating func write(_ files: CorpusFiles, _ split: Split) throws -> ShardIndex.Part {
        var files = files
        let tokens = try SplitWriter(
            split, to: dataset, layout: plan.layout, threads: plan.threads)
        let documents = DocumentWriter(tokens)
        var buffer = [UInt8](repeating: 0, count: 1 << 17)
        while let entry = try files.next() {
            switch try open(entry, of: &files) {
            case .text(let text): try write(text, to: documents, through: &buffer)
            case .records(let text, let records): try write(records, of: text, to: documents)
            case nil: break
            }
        }
        progress.skipped.add(files.skipped)
        guard tokens.tokens > 0 else { throw nothingToWrite(split) }
        return try tokens.finish()
    }

    private func nothingToWrite(_ split: Split) -> ShardError {
        let bad = progress.badLines
        let skipped = bad.first.map {
            ", with \(bad.count.counted("bad line")) skipped; the first is \($0.location): \($0.finding)"
        }
        return ShardError(
            dataset.directory,
            "nothing to write: the inputs of '\(split.rawValue)' hold no text" + (skipped ?? ""),
            remedy: skipped == nil
                ? "name files or directories that hold text"
                : "check --field, and whether the inputs are JSON Lines")
    }

    /// An input, opened.
    private enum Input {
        case text(TextInput)
        case records(TextInput, RecordInput)
    }

    /// Opens a file; nil for one of a directory that is to be skipped.
    private mutating func open(
        _ entry: CorpusFiles.Entry, of files: inout CorpusFiles
    ) throws -> Input? {
        let opened = try files.open(entry) {
            try input(
                TextInput(InputFile.named(entry.path), encoding: plan.encoding), entry)
        }
        if let opened { return opened }
        progress.inputBytes += (try? entry.size) ?? 0
        return nil
    }

    private mutating func input(_ text: TextInput, _ entry: CorpusFiles.Entry) throws -> Input {
        guard let field = plan.field else {
            if text.isDoubtful { progress.doubtful.add(entry.path, "doubtful") }
            if text.beginsWithRecord { progress.records.add(entry.path, "JSON Lines") }
            progress.read.add(entry.path, text.kind)
            return .text(text)
        }
        let records = RecordInput(text, field)
        if !entry.isNamed { try records.requireRecords() }
        progress.read.add(entry.path, records.kind)
        return .records(text, records)
    }

    private mutating func write(
        _ text: TextInput, to documents: DocumentWriter, through buffer: inout [UInt8]
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

    /// Writes a document for each record.
    private mutating func write(
        _ records: RecordInput, of text: TextInput, to documents: DocumentWriter
    ) throws {
        let before = progress.inputBytes
        let held = plan.skipsBadLines ? HeldText(dataset) : nil
        documents.endDocument()
        while true {
            do {
                let isThere = try records.next { part in
                    note(text, after: before)
                    if let held { return try held.append(part) }
                    progress.textBytes += part.count
                    try documents.append(part)
                }
                try held?.give { part in
                    progress.textBytes += part.count
                    try documents.append(part)
                }
                documents.endDocument()
                note(text, after: before)
                if !isThere { return }
            } catch let error as RecordError where plan.skipsBadLines {
                try held?.forget()
                progress.badLines.add(error)
            }
        }
    }

    /// Takes note of how much of an input was read, and reports it where that is more than before.
    private mutating func note(_ text: TextInput, after before: Int) {
        guard progress.inputBytes != before + text.bytesRead else { return }
        progress.inputBytes = before + text.bytesRead
        report(progress)
    }
}
