import Storage

/// Tells whether a text looks like JSON Lines, so that a user may have meant the texts in its records.
enum RecordHint {
    /// The bytes at the end of a cut line in which an error may be due to the cut: a pair of escapes has so many.
    private static let cutBytes = 12

    /// Whether the first line is a JSON object, as far as it is there.
    /// - Parameters:
    ///   - head: The first bytes of the text.
    ///   - isAll: Whether they are the whole text.
    static func isRecord(_ head: [UInt8], isAll: Bool) -> Bool {
        guard head.first == UInt8(ascii: "{") else { return false }
        let end = head.firstIndex(of: UInt8(ascii: "\n"))
        let line = Array(head[..<(end ?? head.count)])
        do throws(JSONError) {
            _ = try JSONValue(line)
            return true
        } catch {
            return !isAll && end == nil && error.offset + cutBytes >= line.count
        }
    }
}
