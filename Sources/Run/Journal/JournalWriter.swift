import Storage

/// Adds records to a journal, each with one write.
public final class JournalWriter {
    /// The position after the last record that was written.
    public private(set) var position: JournalPosition
    private let file: OutputFile

    /// Begins a journal; one of the same name is replaced.
    /// - Throws: `FileError` when the file cannot be made or written.
    public init(_ path: String, header: JournalHeader) throws(FileError) {
        try AtomicFile.write(header.encoded, to: path)
        position = JournalPosition(
            bytes: JournalHeader.byteCount, step: header.firstStep, chain: header.chain)
        file = try OutputFile(appendingTo: path)
    }

    /// Continues a journal after its last sound record, and cuts off what follows that.
    /// - Throws: `FileError` when the file cannot be opened or cut.
    public init(_ path: String, continuingAt position: JournalPosition) throws(FileError) {
        self.position = position
        file = try OutputFile(appendingTo: path)
        try file.cut(to: position.bytes)
    }

    /// Adds a record.
    /// - Precondition: `record` is of the step after the last one, and has the header's content.
    /// - Throws: `FileError` when it cannot be written.
    public func append(_ record: JournalRecord) throws(FileError) {
        let bytes = record.encoded(chain: position.chain)
        try file.write(bytes)
        position = JournalPosition(
            bytes: position.bytes + bytes.count, step: record.step,
            chain: bytes.word64(at: bytes.count - 8))
    }

    /// Makes the records durable.
    /// - Throws: `FileError` when the system cannot do so.
    public func sync() throws(FileError) { try file.sync() }
}
