/// One declaration of a grammar file: its first line and the indented lines below it.
struct Declaration {
    enum Kind { case rule, table, union }

    let kind: Kind
    let name: NameSyntax
    /// What follows the colon on the first line, without the spaces around it.
    let head: SourceText
    /// The indented lines without comments and outer spaces; an empty one stands for blank lines.
    var body: [SourceText] = []
}

/// Cuts a grammar file into declarations.
struct DeclarationReader {
    private var declarations: [Declaration] = []

    static func read(_ bytes: [UInt8]) throws(GrammarProblem) -> [Declaration] {
        var reader = DeclarationReader()
        var number = 1
        for line in bytes.split(separator: SourceText.newline, omittingEmptySubsequences: false) {
            try reader.readLine(line, number)
            number += 1
        }
        return reader.declarations
    }

    private mutating func readLine(_ line: ArraySlice<UInt8>, _ number: Int) throws(GrammarProblem)
    {
        var text = SourceText(at: SourcePosition(line: number, column: 1))
        for byte in line {
            guard (0x20...0x7E).contains(byte) else {
                throw GrammarProblem(
                    text.end, "byte \(byte) is not a printable ASCII character",
                    remedy: "use spaces, plain quotation marks and unaccented letters only")
            }
            text.append(byte, at: text.end)
        }
        let content = text.trimmed(0..<text.bytes.count)
        if content.bytes.first == UInt8(ascii: "#") { return }
        if text.bytes.first == SourceText.space || content.isEmpty {
            try addBodyLine(content)
        } else {
            declarations.append(try Self.readHead(content))
        }
    }

    private mutating func addBodyLine(_ content: SourceText) throws(GrammarProblem) {
        guard let last = declarations.indices.last else {
            if content.isEmpty { return }
            throw GrammarProblem(
                content.position(0), "an indented line before the first rule",
                remedy: "begin a rule at the start of a line: 'name: text'")
        }
        declarations[last].body.append(content)
    }

    private static func readHead(_ line: SourceText) throws(GrammarProblem) -> Declaration {
        guard let colon = line.bytes.firstIndex(of: UInt8(ascii: ":")) else {
            throw GrammarProblem(
                line.position(0), "a line that begins neither a rule nor a table",
                remedy: "write 'name: text', 'table name: columns' or 'union name: tables', or "
                    + "indent the line to continue the one above")
        }
        var name = line.trimmed(0..<colon)
        var kind = Declaration.Kind.rule
        for (word, other) in [("table ", Declaration.Kind.table), ("union ", .union)]
        where name.bytes.starts(with: word.utf8) {
            kind = other
            name = name.trimmed(word.utf8.count..<name.bytes.count)
        }
        return Declaration(
            kind: kind, name: try readName(name),
            head: line.trimmed(colon + 1..<line.bytes.count))
    }

    /// Reads a text that is one name and nothing else.
    static func readName(_ text: SourceText) throws(GrammarProblem) -> NameSyntax {
        let shown = String(decoding: text.bytes, as: UTF8.self)
        guard let first = text.bytes.first, first.isLowercaseLetter,
            text.bytes.allSatisfy(\.isNameByte)
        else {
            throw GrammarProblem(
                text.position(0), "'\(shown)' is not a name",
                remedy: "a name is a lowercase letter followed by letters and digits")
        }
        guard shown != "a" else {
            throw GrammarProblem(
                text.position(0), "the name 'a' is taken by the article {a}",
                remedy: "choose a longer name")
        }
        return NameSyntax(text: shown, position: text.position(0))
    }
}
