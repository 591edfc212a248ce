import CLibrary

/// The tokenizer of this toolkit: a token is a byte of the text.
public enum ByteTokenizer {
    /// The tokenizer's name in `index.json` and in checkpoints.
    public static let name = "bytes"
    /// The number of distinct tokens.
    public static let vocabulary = 256
    /// The token that begins each document. It is never part of one: NUL bytes separate documents.
    public static let documentSeparator: UInt8 = 0

    /// The number of documents that begin within `tokens`.
    static func documentCount(_ tokens: UnsafeRawBufferPointer) -> Int {
        var count = 0
        var rest = tokens
        while let place = separatorIndex(rest) {
            count += 1
            rest = UnsafeRawBufferPointer(rebasing: rest[(place + 1)...])
        }
        return count
    }

    /// The index of the first separator in `tokens`.
    static func separatorIndex(_ tokens: UnsafeRawBufferPointer) -> Int? {
        guard let base = tokens.baseAddress,
            let found = memchr(base, Int32(documentSeparator), tokens.count)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
