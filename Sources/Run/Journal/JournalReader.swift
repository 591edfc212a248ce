import Storage

/// A place between two records.
public struct JournalPosition: Equatable, Sendable {
    /// The bytes of the file before it.
    public let bytes: Int
    /// The steps of the run before it.
    public let step: Int
    /// The checksum of the record before it, or of the header: it depends on every byte before.
    public let chain: UInt64
}

/// Reads a journal record by record and checks each: nothing of a record is used before its checksum,
/// which depends on all records before it, was found right.
///
/// Memory: one record.
public struct JournalReader {
    /// What the journal belongs to.
    public let header: JournalHeader
    /// The position after the last record that was read.
    public private(set) var position: JournalPosition
    private let file: InputFile

    /// The journal's file.
    public var path: String { file.path }

    /// Opens a journal at its first record.
    /// - Throws: ``JournalError`` where it does not begin with a header, or `FileError`.
    public init(_ path: String) throws {
        guard try Files.kind(path) != .other else {
            throw JournalError(path, byte: 0, step: 0, "is not a file", remedy: "check the path")
        }
        file = try InputFile(path)
        var bytes = [UInt8](repeating: 0, count: JournalHeader.byteCount)
        let count = try file.read(into: &bytes, at: 0)
        header = try JournalHeader(Array(bytes[..<count]), path: path)
        position = JournalPosition(
            bytes: JournalHeader.byteCount, step: header.firstStep, chain: header.chain)
    }

    /// Continues at a position that a reader of the same file gave.
    public mutating func seek(to position: JournalPosition) { self.position = position }

    /// The next record; nil where the file ends after the one before.
    /// - Throws: ``JournalError`` where the record is damaged or cut off, or `FileError`.
    public mutating func next() throws -> JournalRecord? {
        let prefix = try read(JournalRecord.prefixBytes)
        if prefix.isEmpty { return nil }
        guard prefix.count == JournalRecord.prefixBytes else {
            throw problem("a record is cut off")
        }
        guard let size = JournalRecord.byteCount(prefix: prefix, header.content) else {
            throw problem("no record begins here")
        }
        let bytes = try read(size)
        guard bytes.count == size else { throw problem("a record is cut off") }
        guard
            let record = JournalRecord(bytes, content: header.content, chain: position.chain)
        else { throw problem("a record does not match its checksum") }
        guard record.step == position.step + 1 else {
            throw problem("holds step \(record.step) where \(position.step + 1) belongs")
        }
        position = JournalPosition(
            bytes: position.bytes + size, step: record.step, chain: bytes.word64(at: size - 8))
        return record
    }

    /// The bytes from the position on; fewer only at the end of the file.
    private func read(_ count: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let found = try file.read(into: &bytes, at: position.bytes)
        bytes.removeLast(count - found)
        return bytes
    }

    private func problem(_ finding: String) -> JournalError {
        JournalError(file.path, byte: position.bytes, step: position.step, finding)
    }
}
