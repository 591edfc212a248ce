import Storage

/// Writes text as documents: each begins with token 0, and NUL bytes end one.
///
/// A document with no text is left out.
final class DocumentWriter {
    private let tokens: SplitWriter
    /// Whether the next byte of text begins a document.
    private var isAtStart = true

    init(_ tokens: SplitWriter) { self.tokens = tokens }

    /// Ends the document; the next text begins another.
    func endDocument() { isAtStart = true }

    /// Adds text, which may hold NUL bytes.
    func append(_ text: UnsafeRawBufferPointer) throws {
        var rest = text
        while !rest.isEmpty {
            let end = ByteTokenizer.separatorIndex(rest)
            let part = UnsafeRawBufferPointer(rebasing: rest[..<(end ?? rest.count)])
            if !part.isEmpty {
                if isAtStart { try tokens.append(ByteTokenizer.documentSeparator) }
                isAtStart = false
                try tokens.append(part)
            }
            guard let end else { return }
            endDocument()
            rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
        }
    }
}
