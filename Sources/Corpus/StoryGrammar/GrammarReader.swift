/// Reads the declarations of a grammar file into syntax.
enum GrammarReader {
    static func read(_ bytes: [UInt8]) throws(GrammarProblem) -> GrammarSyntax {
        var syntax = GrammarSyntax()
        for declaration in try DeclarationReader.read(bytes) {
            switch declaration.kind {
            case .rule: syntax.rules.append(try readRule(declaration))
            case .table: syntax.tables.append(try TableReader.read(declaration))
            case .union: syntax.unions.append(try readUnion(declaration))
            }
        }
        return syntax
    }

    private static func readRule(_ declaration: Declaration) throws(GrammarProblem) -> RuleSyntax {
        let texts =
            declaration.head.isEmpty
            ? try readItems(declaration) : try readList(declaration)
        var alternatives: [AlternativeSyntax] = []
        for text in texts {
            let alternative = try TemplateReader.readAlternative(text)
            guard !alternative.source.isEmpty else {
                throw GrammarProblem(
                    alternative.position, "an empty alternative",
                    remedy: "write {} for one that writes nothing")
            }
            alternatives.append(alternative)
        }
        guard !alternatives.isEmpty else {
            throw GrammarProblem(
                declaration.name.position, "rule '\(declaration.name.text)' has no alternatives",
                remedy: "write them after the colon, or below it after '- '")
        }
        try refuseIdentical(alternatives)
        return RuleSyntax(name: declaration.name, alternatives: alternatives)
    }

    /// Reads `name: text | text`, continued on indented lines.
    private static func readList(_ declaration: Declaration) throws(GrammarProblem) -> [SourceText]
    {
        var whole = declaration.head
        for line in declaration.body where !line.isEmpty {
            whole.append(SourceText.space, at: line.position(0))
            whole.append(line)
        }
        return whole.split(SourceText.bar).map { $0.trimmed(0..<$0.bytes.count) }
    }

    /// Reads `name:` with an alternative after each `- `; a blank line inside one is a new paragraph.
    private static func readItems(
        _ declaration: Declaration
    ) throws(GrammarProblem) -> [SourceText] {
        var items: [SourceText] = []
        var blank = false
        for line in declaration.body {
            if line.isEmpty {
                blank = true
                continue
            }
            if line.bytes.starts(with: "- ".utf8) {
                items.append(line.trimmed(2..<line.bytes.count))
            } else {
                guard let last = items.indices.last else {
                    throw GrammarProblem(
                        line.position(0), "an alternative that does not begin with '- '",
                        remedy: "begin it with '- ', or write it after the colon")
                }
                let joint = [UInt8](blank ? "\n\n".utf8 : " ".utf8)
                for byte in joint { items[last].append(byte, at: line.position(0)) }
                items[last].append(line)
            }
            blank = false
        }
        for item in items {
            let parts = item.split(SourceText.bar)
            guard parts.count == 1 else {
                throw GrammarProblem(
                    parts[0].end, "'|' outside braces",
                    remedy: "put the choice in braces, or write \\| for the character")
            }
        }
        return items
    }

    static func refuseIdentical(
        _ alternatives: [AlternativeSyntax]
    ) throws(GrammarProblem) {
        var seen: Set<[UInt8]> = []
        for alternative in alternatives where !seen.insert(alternative.source).inserted {
            throw GrammarProblem(
                alternative.position,
                "the alternative '\(String(decoding: alternative.source, as: UTF8.self))' is given twice",
                remedy: "keep one and give it a weight, as in '2* text'")
        }
    }

    private static func readUnion(_ declaration: Declaration) throws(GrammarProblem) -> UnionSyntax
    {
        var members: [NameSyntax] = []
        for text in [declaration.head] + declaration.body {
            for word in text.split(SourceText.space) where !word.isEmpty {
                members.append(try DeclarationReader.readName(word))
            }
        }
        guard members.count >= 2 else {
            throw GrammarProblem(
                declaration.name.position,
                "union '\(declaration.name.text)' joins fewer than two tables",
                remedy: "name the tables after the colon, with spaces between them")
        }
        return UnionSyntax(name: declaration.name, members: members)
    }
}
