import Storage

/// The texts in the lines of an input of JSON Lines, which is decompressed and converted as every text is.
final class RecordInput {
    private let lines: JSONLines
    private let path: String
    /// What the input is, for a summary: `JSON Lines`, `JSON Lines in gzip`.
    let kind: String

    init(_ text: TextInput, _ field: RecordField) {
        path = text.path
        kind = "JSON Lines" + (text.compression.map { " in \($0)" } ?? "")
        lines = JSONLines(field: field.keys) { try text.read(into: $0) }
    }

    /// Checks that the input begins as JSON Lines do. Call before ``next(_:)``.
    /// - Throws: ``TextError`` where it does not, or what reading it throws.
    func requireRecords() throws {
        guard try lines.beginsWithObject() else {
            throw TextError(
                path, "does not begin with a JSON object, which --field asks for",
                remedy: "name it without --field, or leave it out", label: "no JSON Lines")
        }
    }

    /// Reads the next record.
    /// - Parameter take: Is given its text in parts. It is whole only when this function returns.
    /// - Returns: Whether there was one.
    /// - Throws: ``RecordError``, after which the next record can be read; or what reading or `take` throws.
    func next(_ take: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
        do {
            return try lines.next(take)
        } catch let error as JSONError {
            throw RecordError(error, path: path, line: lines.line)
        }
    }
}
