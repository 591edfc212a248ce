import TokenShards

/// Turns the tokens of one sample into the bytes to show.
public struct TextRenderer {
    public enum Style: Sendable {
        /// Every token as its byte.
        case raw
        /// Valid UTF-8: what is invalid as U+FFFD, a document separator as an empty line.
        case text
        /// As `text`, with control characters other than tab and line feed as U+FFFD, so that a
        /// sample cannot change the state of a terminal.
        case terminal
    }

    private let style: Style
    private var repair = UTF8Repair()
    /// Line feeds at the end of what was shown; the start counts as an empty line.
    private var lineFeeds = 2

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

    /// - Parameter bytes: Whole characters.
    private mutating func shown(_ bytes: [UInt8]) -> [UInt8] {
        guard let last = bytes.last else { return [] }
        if last == UInt8(ascii: "\n") {
            lineFeeds = bytes.count == 1 ? min(2, lineFeeds + 1) : 1
        } else {
            lineFeeds = 0
        }
        guard style == .terminal else { return bytes }
        let hidden = Self.controlLength(atEndOf: bytes)
        return hidden == 0 ? bytes : bytes.dropLast(hidden) + UTF8Repair.replacement
    }

    /// Length of the control character that the text ends with, or 0: U+0000 to U+001F without tab
    /// and line feed, and U+007F to U+009F.
    private static func controlLength(atEndOf bytes: [UInt8]) -> Int {
        guard let last = bytes.last else { return 0 }
        if last == UInt8(ascii: "\t") || last == UInt8(ascii: "\n") { return 0 }
        if last < 0x20 || last == 0x7F { return 1 }
        let isC1 = bytes.dropLast().last == 0xC2 && (0x80...0x9F).contains(last)
        return isC1 ? 2 : 0
    }
}
