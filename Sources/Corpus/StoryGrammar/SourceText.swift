/// A stretch of a grammar file in which lines may have been joined; each byte knows its place.
struct SourceText {
    private(set) var bytes: [UInt8] = []
    private(set) var positions: [SourcePosition] = []
    /// The place of the end, for findings about what is missing there.
    private(set) var end: SourcePosition

    init(at position: SourcePosition) { end = position }

    var isEmpty: Bool { bytes.isEmpty }

    mutating func append(_ byte: UInt8, at position: SourcePosition) {
        bytes.append(byte)
        positions.append(position)
        end = SourcePosition(line: position.line, column: position.column + 1)
    }

    mutating func append(_ other: SourceText) {
        bytes.append(contentsOf: other.bytes)
        positions.append(contentsOf: other.positions)
        end = other.end
    }

    func position(_ index: Int) -> SourcePosition {
        index < positions.count ? positions[index] : end
    }

    /// The bytes of `range` with their places, without the spaces around them.
    func trimmed(_ range: Range<Int>) -> SourceText {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high && bytes[low] == Self.space { low += 1 }
        while low < high && bytes[high - 1] == Self.space { high -= 1 }
        return slice(low..<high)
    }

    func slice(_ range: Range<Int>) -> SourceText {
        var result = SourceText(at: position(range.lowerBound))
        result.bytes = Array(bytes[range])
        result.positions = Array(positions[range])
        result.end = position(range.upperBound)
        return result
    }

    /// The parts between the `separator` bytes that stand outside braces and are not escaped.
    func split(_ separator: UInt8) -> [SourceText] {
        var parts: [SourceText] = []
        var start = 0
        var depth = 0
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case Self.backslash: index += 1
            case Self.open: depth += 1
            case Self.close: depth -= 1
            case separator where depth == 0:
                parts.append(slice(start..<index))
                start = index + 1
            default: break
            }
            index += 1
        }
        parts.append(slice(start..<bytes.count))
        return parts
    }

    static let space = UInt8(ascii: " ")
    static let newline = UInt8(ascii: "\n")
    static let backslash = UInt8(ascii: "\\")
    static let open = UInt8(ascii: "{")
    static let close = UInt8(ascii: "}")
    static let bar = UInt8(ascii: "|")
}

extension UInt8 {
    var isLowercaseLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    /// Whether a name may hold it; a name begins with a lowercase letter.
    var isNameByte: Bool {
        isLowercaseLetter || isDigit || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
    }
}
