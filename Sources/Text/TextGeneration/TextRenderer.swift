import Diagnostics
import TokenShards

/// Turns the tokens of one sample into the bytes to show.
public struct TextRenderer {
    /// The form in which tokens are shown.
    public enum Style: Sendable {
        /// Every token is shown as its byte.
        case raw
        /// The bytes are shown as valid UTF-8: what is invalid as U+FFFD, a document separator as an empty line.
        case text
        /// The bytes are shown as in `text`, with U+FFFD for control characters other than tab and line feed, and for
        /// what changes the order of reading or separates lines, so that a sample cannot change the state of a terminal
        /// or look like another text.
        case terminal
    }

    private let style: Style
    private var repair = UTF8Repair()
    /// The line feeds at the end of what was shown; the start counts as an empty line.
    private var lineFeeds = 2

    /// Begins a sample.
    public init(style: Style) { self.style = style }

    /// The bytes that this token completes.
    public mutating func append(_ token: UInt8) -> [UInt8] {
        if style == .raw { return [token] }
        guard token == ByteTokenizer.documentSeparator else {
            return shown(repair.append(token))
        }
        let unfinished = shown(repair.finish())
        let gap = max(0, 2 - lineFeeds)
        lineFeeds += gap
        return unfinished + [UInt8](repeating: UInt8(ascii: "\n"), count: gap)
    }

    /// The bytes at the end of the sample: text ends with a line feed.
    public mutating func finish() -> [UInt8] {
        if style == .raw { return [] }
        let unfinished = shown(repair.finish())
        return lineFeeds == 0 ? unfinished + [UInt8(ascii: "\n")] : unfinished
    }

    /// What is shown of bytes that are whole characters.
    private mutating func shown(_ bytes: [UInt8]) -> [UInt8] {
        guard let last = bytes.last else { return [] }
        if last == UInt8(ascii: "\n") {
            lineFeeds = bytes.count == 1 ? min(2, lineFeeds + 1) : 1
        } else {
            lineFeeds = 0
        }
        return style == .terminal ? Self.harmless(bytes) : bytes
    }

    /// The text of bytes that are whole characters, without what could harm a terminal.
    private static func harmless(_ bytes: [UInt8]) -> [UInt8] {
        String(decoding: bytes, as: UTF8.self).unicodeScalars.flatMap { scalar in
            let isKept = scalar == "\t" || scalar == "\n" || !scalar.controlsText
            return isKept ? Array(String(scalar).utf8) : UTF8Repair.replacement
        }
    }
}
