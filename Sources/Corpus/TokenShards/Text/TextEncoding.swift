/// How the bytes of an input stand for characters. The tokens are UTF-8 in any case, or whatever the bytes are.
public enum TextEncoding: String, CaseIterable, Sendable {
    /// The bytes as they are; what looks like UTF-16 or UTF-32 is refused.
    case auto
    /// The bytes as they are.
    case utf8 = "utf-8"
    /// UTF-16, which is converted to UTF-8, in the order of bytes that the text's byte order mark says.
    case utf16 = "utf-16"
    /// UTF-32, which is converted to UTF-8, in the order of bytes that the text's byte order mark says.
    case utf32 = "utf-32"
    /// UTF-16 with the low byte first, which is converted to UTF-8.
    case utf16LittleEndian = "utf-16le"
    /// UTF-16 with the high byte first, which is converted to UTF-8.
    case utf16BigEndian = "utf-16be"
    /// UTF-32 with the low byte first, which is converted to UTF-8.
    case utf32LittleEndian = "utf-32le"
    /// UTF-32 with the high byte first, which is converted to UTF-8.
    case utf32BigEndian = "utf-32be"
    /// Tokens of 16 bits, low byte first, each of which is a byte of the text; nanoGPT writes such files.
    case tokens16 = "tokens-u16"
}

/// An encoding in units of several bytes.
struct WideEncoding: Equatable, Sendable {
    /// The bytes of a unit: 2 or 4.
    let unitBytes: Int
    let isBigEndian: Bool

    static let utf16LittleEndian = WideEncoding(unitBytes: 2, isBigEndian: false)
    static let utf16BigEndian = WideEncoding(unitBytes: 2, isBigEndian: true)
    static let utf32LittleEndian = WideEncoding(unitBytes: 4, isBigEndian: false)
    static let utf32BigEndian = WideEncoding(unitBytes: 4, isBigEndian: true)

    /// The name that ``TextEncoding`` has for it.
    var name: String { "utf-\(8 * unitBytes)\(isBigEndian ? "be" : "le")" }

    /// The encoding whose byte order mark a text begins with.
    static func marked(_ start: UnsafeRawBufferPointer) -> WideEncoding? {
        if start.starts(with: [0xFF, 0xFE, 0, 0]) { return .utf32LittleEndian }
        if start.starts(with: [0, 0, 0xFE, 0xFF]) { return .utf32BigEndian }
        if start.starts(with: [0xFF, 0xFE]) { return .utf16LittleEndian }
        if start.starts(with: [0xFE, 0xFF]) { return .utf16BigEndian }
        return nil
    }

    /// The fewest bytes to judge by: fewer may be short documents between NUL bytes.
    private static let shortestEvidence = 16

    /// The encoding that the places of the NUL bytes at a text's beginning speak for.
    ///
    /// In UTF-16 nearly every second byte is NUL where the letters are mostly Latin, always on the same side. NUL
    /// bytes between documents fall on both sides, and are fewer. In UTF-32 the highest byte of each unit is NUL and
    /// the next at most 16, and no unit is 0.
    static func likely(_ start: UnsafeRawBufferPointer) -> WideEncoding? {
        guard start.count >= shortestEvidence else { return nil }
        // [place in a group of four]: NUL bytes there.
        var nuls = [0, 0, 0, 0]
        var planes = [true, true]  // little-endian, big-endian
        let groups = start.count / 4
        for group in 0..<groups {
            let first = 4 * group
            for place in 0..<4 where start[first + place] == 0 { nuls[place] += 1 }
            let middle = start[first + 1] | start[first + 2]
            planes[0] = planes[0] && start[first + 2] <= 16 && start[first] | middle != 0
            planes[1] = planes[1] && start[first + 1] <= 16 && start[first + 3] | middle != 0
        }
        if nuls[3] == groups && planes[0] { return .utf32LittleEndian }
        if nuls[0] == groups && planes[1] { return .utf32BigEndian }
        let (even, odd) = (nuls[0] + nuls[2], nuls[1] + nuls[3])
        let pairs = 2 * groups
        if 4 * odd >= 3 * pairs && 16 * even <= pairs { return .utf16LittleEndian }
        if 4 * even >= 3 * pairs && 16 * odd <= pairs { return .utf16BigEndian }
        return nil
    }
}

extension TextEncoding {
    /// The encoding to convert from, where there is anything to convert.
    /// - Throws: ``TextError`` when that cannot be told, or the text needs to be converted and nobody said so.
    func wideEncoding(
        of start: UnsafeRawBufferPointer, path: String
    ) throws(TextError) -> WideEncoding? {
        switch self {
        case .utf8, .tokens16: return nil
        case .utf16LittleEndian: return .utf16LittleEndian
        case .utf16BigEndian: return .utf16BigEndian
        case .utf32LittleEndian: return .utf32LittleEndian
        case .utf32BigEndian: return .utf32BigEndian
        case .utf16: return try marked(start, path, unitBytes: 2)
        case .utf32: return try marked(start, path, unitBytes: 4)
        case .auto:
            if let marked = WideEncoding.marked(start) {
                throw .wide(path, marked, "by its byte order mark")
            }
            if let likely = WideEncoding.likely(start) {
                throw .wide(path, likely, "by the places of its NUL bytes")
            }
            return nil
        }
    }

    private func marked(
        _ start: UnsafeRawBufferPointer, _ path: String, unitBytes: Int
    ) throws(TextError) -> WideEncoding? {
        guard !start.isEmpty else { return nil }
        guard let marked = WideEncoding.marked(start), marked.unitBytes == unitBytes else {
            throw TextError(
                path, "has no byte order mark of \(rawValue)",
                remedy: "pass --encoding \(rawValue)le or \(rawValue)be", label: rawValue)
        }
        return marked
    }
}

extension TextError {
    fileprivate static func wide(
        _ path: String, _ encoding: WideEncoding, _ evidence: String
    ) -> TextError {
        let tokens = ", or \(TextEncoding.tokens16.rawValue) if it is a file of 16-bit tokens"
        return TextError(
            path, "is text in \(encoding.name) \(evidence), and a token is a byte",
            remedy: "pass --encoding \(encoding.name) to convert it to UTF-8"
                + (encoding == .utf16LittleEndian ? tokens : ""),
            label: encoding.name)
    }
}
