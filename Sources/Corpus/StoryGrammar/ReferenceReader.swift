/// Reads what stands in braces without alternatives: references, bindings and comparisons.
struct ReferenceReader {
    private let text: SourceText
    private var position = 0

    private init(_ text: SourceText) { self.text = text }

    /// Reads `a`, `name`, `name.column` or `name=source`, each perhaps after `^`; `^` and nothing
    /// stand alone as well.
    static func read(_ text: SourceText) throws(GrammarProblem) -> [Piece] {
        var reader = ReferenceReader(text)
        var pieces: [Piece] = []
        if reader.take("^") { pieces.append(.capital) }
        if reader.isAtEnd { return pieces }
        if text.bytes[reader.position...].elementsEqual("a".utf8) { return pieces + [.article] }
        let name = try reader.readName()
        if reader.take(".") {
            pieces.append(.use(name, column: try reader.readName()))
        } else if reader.take("=") {
            guard pieces.isEmpty else {
                throw GrammarProblem(
                    text.position(0), "'^' before a binding, which writes nothing",
                    remedy: "put it where the text is written: {^\(name.text)}")
            }
            pieces.append(try reader.readBinding(of: name))
        } else {
            pieces.append(.use(name, column: nil))
        }
        guard reader.isAtEnd else {
            throw GrammarProblem(
                text.position(reader.position), "unexpected text in braces",
                remedy: "write {name}, {name.column}, {name=source}, {text|text} or {n==1?text}")
        }
        return pieces
    }

    /// Reads `name==operand?` (or with `<`, `>`) at the start; nil where there is no comparison.
    static func readComparison(
        _ text: SourceText
    ) throws(GrammarProblem) -> (ComparisonSyntax, length: Int)? {
        var reader = ReferenceReader(text)
        guard reader.next?.isLowercaseLetter == true,
            let left = try? reader.readName(), let relation = reader.takeRelation()
        else { return nil }
        let right = try reader.readOperand()
        guard reader.take("?") else {
            throw GrammarProblem(
                text.position(reader.position), "a comparison without '?'",
                remedy: "write {n==1?text|text}, {n<2?text} or {n>m?text}")
        }
        return (ComparisonSyntax(relation: relation, left: left, right: right), reader.position)
    }

    private var next: UInt8? { position < text.bytes.count ? text.bytes[position] : nil }
    private var isAtEnd: Bool { next == nil }

    private mutating func take(_ word: String) -> Bool {
        guard text.bytes[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    private mutating func takeRelation() -> NumberRelation? {
        if take("==") { return .equal }
        if take("<") { return .less }
        return take(">") ? .greater : nil
    }

    private mutating func readName() throws(GrammarProblem) -> NameSyntax {
        let start = position
        while let byte = next, byte.isNameByte { position += 1 }
        return try DeclarationReader.readName(text.slice(start..<position))
    }

    private mutating func readOperand() throws(GrammarProblem) -> OperandSyntax {
        guard next?.isDigit == true else { return .variable(try readName()) }
        let start = position
        while let byte = next, byte.isDigit { position += 1 }
        let limit = StoryLimits.maximumNumber
        guard let value = Int(String(decoding: text.bytes[start..<position], as: UTF8.self)),
            value <= limit
        else {
            throw GrammarProblem(
                text.position(start), "a number above \(limit)",
                remedy: "numbers of a story lie in 0...\(limit)")
        }
        return .constant(value)
    }

    /// Reads a rule, a table, or a number: `5`, `3..n`, `n + 1`, `n - m`, `2 * n`.
    private mutating func readBinding(of variable: NameSyntax) throws(GrammarProblem) -> Piece {
        let left = try readOperand()
        let operations: [(String, NumberOperation)] = [
            ("..", .range), (" + ", .sum), (" - ", .difference), (" * ", .product),
        ]
        for (symbol, operation) in operations where take(symbol) {
            return .compute(variable, operation, left: left, right: try readOperand())
        }
        switch left {
        case .constant: return .compute(variable, .sum, left: left, right: .constant(0))
        case .variable(let source): return .bind(variable, source: source)
        }
    }
}
