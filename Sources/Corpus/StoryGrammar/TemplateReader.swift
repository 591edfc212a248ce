/// Reads the text of an alternative: literal characters, escapes and references in braces.
struct TemplateReader {
    private let text: SourceText
    private var position = 0
    private var depth = 0

    private init(_ text: SourceText) { self.text = text }

    /// Reads `text` or `WEIGHT* text`.
    static func readAlternative(_ text: SourceText) throws(GrammarProblem) -> AlternativeSyntax {
        let (weight, rest) = try readWeight(text)
        return AlternativeSyntax(
            weight: weight, pieces: try readPieces(rest), source: rest.bytes,
            position: rest.position(0))
    }

    /// Reads a text without a weight.
    static func readPieces(_ text: SourceText) throws(GrammarProblem) -> [Piece] {
        var reader = TemplateReader(text)
        return try reader.readPieces(until: [])
    }

    /// Takes `3* ` off the front of `text`; the weight is 1 where there is none.
    static func readWeight(
        _ text: SourceText
    ) throws(GrammarProblem) -> (weight: Int, rest: SourceText) {
        let digits = text.bytes.prefix { $0.isDigit }.count
        guard digits > 0, digits < text.bytes.count, text.bytes[digits] == UInt8(ascii: "*") else {
            return (1, text)
        }
        let limit = StoryLimits.maximumTotalWeight
        guard let weight = Int(String(decoding: text.bytes[..<digits], as: UTF8.self)),
            (1...limit).contains(weight)
        else {
            throw GrammarProblem(
                text.position(0), "a weight outside 1...\(limit)",
                remedy: "use a whole number from 1 to \(limit), or remove the alternative")
        }
        var start = digits + 1
        if start < text.bytes.count && text.bytes[start] == SourceText.space { start += 1 }
        return (weight, text.slice(start..<text.bytes.count))
    }

    private var next: UInt8? { position < text.bytes.count ? text.bytes[position] : nil }

    private func problem(_ finding: String, remedy: String) -> GrammarProblem {
        GrammarProblem(text.position(position), finding, remedy: remedy)
    }

    /// Reads pieces up to a byte of `ends` (not consumed) or the end of the text.
    private mutating func readPieces(until ends: [UInt8]) throws(GrammarProblem) -> [Piece] {
        var pieces: [Piece] = []
        var literal: [UInt8] = []
        while let byte = next, !ends.contains(byte) {
            switch byte {
            case SourceText.open:
                if !literal.isEmpty { pieces.append(.text(literal)) }
                literal = []
                pieces += try readBraces()
            case SourceText.close:
                throw problem("'}' without '{'", remedy: "write \\} for the character")
            case SourceText.backslash:
                literal.append(try readEscape())
            default:
                literal.append(byte)
                position += 1
            }
        }
        if !literal.isEmpty { pieces.append(.text(literal)) }
        return pieces
    }

    private mutating func readEscape() throws(GrammarProblem) -> UInt8 {
        position += 1
        guard let byte = next, Array("\\{}|*,;#n".utf8).contains(byte) else {
            throw problem(
                "an unknown escape", remedy: "only \\n and \\ before one of \\ { } | * , ; # exist")
        }
        position += 1
        return byte == UInt8(ascii: "n") ? SourceText.newline : byte
    }

    /// Reads what stands in braces: a choice, a branch or a reference.
    private mutating func readBraces() throws(GrammarProblem) -> [Piece] {
        let opening = position
        position += 1
        depth += 1
        defer { depth -= 1 }
        guard depth <= StoryLimits.maximumNesting else {
            throw problem(
                "more than \(StoryLimits.maximumNesting) braces inside each other",
                remedy: "give the inner text a rule of its own")
        }
        let content = try contentRange(from: opening)
        let inner = text.slice(content)
        let pieces: [Piece]
        if let (comparison, start) = try ReferenceReader.readComparison(inner) {
            position += start
            pieces = [try readBranch(comparison)]
        } else if inner.split(SourceText.bar).count > 1 {
            pieces = [try readChoice()]
        } else {
            pieces = try ReferenceReader.read(inner)
            position = content.upperBound
        }
        position += 1
        return pieces
    }

    /// The range between the brace at `opening` and the one that closes it.
    private func contentRange(from opening: Int) throws(GrammarProblem) -> Range<Int> {
        var level = 0
        var index = opening
        while index < text.bytes.count {
            switch text.bytes[index] {
            case SourceText.backslash: index += 1
            case SourceText.open: level += 1
            case SourceText.close:
                level -= 1
                if level == 0 { return opening + 1..<index }
            default: break
            }
            index += 1
        }
        throw GrammarProblem(
            text.position(opening), "'{' without '}'",
            remedy: "close it in the same alternative, or write \\{ for the character")
    }

    private mutating func readChoice() throws(GrammarProblem) -> Piece {
        var alternatives: [AlternativeSyntax] = []
        while true {
            let (weight, _) = try Self.readWeight(text.slice(position..<text.bytes.count))
            let start = position + weightLength
            position = start
            let pieces = try readPieces(until: [SourceText.bar, SourceText.close])
            alternatives.append(
                AlternativeSyntax(
                    weight: weight, pieces: pieces, source: Array(text.bytes[start..<position]),
                    position: text.position(start)))
            guard next == SourceText.bar else { break }
            position += 1
        }
        try GrammarReader.refuseIdentical(alternatives)
        return .choice(alternatives)
    }

    /// The length of the `3*` at the position, 0 where there is none. In braces every space counts, so
    /// none is skipped after it.
    private var weightLength: Int {
        let digits = text.bytes[position...].prefix { $0.isDigit }.count
        guard digits > 0, position + digits < text.bytes.count,
            text.bytes[position + digits] == UInt8(ascii: "*")
        else { return 0 }
        return digits + 1
    }

    private mutating func readBranch(_ comparison: ComparisonSyntax) throws(GrammarProblem) -> Piece
    {
        let then = try readPieces(until: [SourceText.bar, SourceText.close])
        var otherwise: [Piece] = []
        if next == SourceText.bar {
            position += 1
            otherwise = try readPieces(until: [SourceText.bar, SourceText.close])
        }
        guard next == SourceText.close else {
            throw problem(
                "a condition with more than two texts",
                remedy: "write {n==1?text|text}, with a choice in braces of its own")
        }
        return .branch(comparison, then: then, otherwise: otherwise)
    }
}
