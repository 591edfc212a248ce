/// Reads a table: columns with defaults in the first line, then rows of cells.
struct TableReader {
    /// A column and the text of its cells where a row gives none: `many={one}s`.
    private struct Column {
        let name: NameSyntax
        let defaultText: SourceText?
    }

    private var columns: [Column] = []
    private var rows: [RowSyntax] = []

    static func read(_ declaration: Declaration) throws(GrammarProblem) -> TableSyntax {
        var reader = TableReader()
        for text in declaration.head.split(UInt8(ascii: ",")) {
            try reader.addColumn(text.trimmed(0..<text.bytes.count))
        }
        for line in declaration.body where !line.isEmpty {
            for text in line.split(UInt8(ascii: ";")) {
                let row = text.trimmed(0..<text.bytes.count)
                if !row.isEmpty { try reader.addRow(row) }
            }
        }
        guard !reader.rows.isEmpty else {
            throw GrammarProblem(
                declaration.name.position, "table '\(declaration.name.text)' has no rows",
                remedy: "write them below it, indented, with ';' or new lines between them")
        }
        try reader.refuseIdentical()
        return TableSyntax(
            name: declaration.name, columns: reader.columns.map(\.name), rows: reader.rows)
    }

    private mutating func addColumn(_ text: SourceText) throws(GrammarProblem) {
        let equals = text.bytes.firstIndex(of: UInt8(ascii: "="))
        let name = try DeclarationReader.readName(text.trimmed(0..<(equals ?? text.bytes.count)))
        if columns.contains(where: { $0.name.text == name.text }) {
            throw GrammarProblem(
                name.position, "column '\(name.text)' is declared twice",
                remedy: "give each column a name of its own")
        }
        columns.append(
            Column(
                name: name, defaultText: equals.map { text.slice($0 + 1..<text.bytes.count) }))
    }

    private mutating func addRow(_ text: SourceText) throws(GrammarProblem) {
        let (weight, rest) = try TemplateReader.readWeight(text)
        let given = rest.split(UInt8(ascii: ",")).map { $0.trimmed(0..<$0.bytes.count) }
        guard given.count <= columns.count else {
            throw GrammarProblem(
                given[columns.count].position(0),
                "a row of \(given.count) cells in a table of \(columns.count) columns",
                remedy: "put ';' between rows and \\, for a comma inside a cell")
        }
        guard (rows.count + 1) * columns.count <= StoryLimits.maximumEntries else {
            throw GrammarProblem(
                text.position(0), "a table of more than \(StoryLimits.maximumEntries) cells",
                remedy: "use fewer columns or rows")
        }
        var cells: [[UInt8]] = []
        for (index, column) in columns.enumerated() {
            if index < given.count && !given[index].isEmpty {
                cells.append(try expand(given[index], cells: []))
            } else if let text = column.defaultText {
                cells.append(try expand(text, cells: cells))
            } else {
                throw GrammarProblem(
                    text.position(0), "the row has no cell for column '\(column.name.text)'",
                    remedy: "add the cell, or give the column a default as in 'many={one}s'")
            }
        }
        rows.append(RowSyntax(weight: weight, cells: cells, position: text.position(0)))
    }

    /// The text of a cell; in a default, `{column}` stands for an earlier cell of the row.
    private func expand(_ text: SourceText, cells: [[UInt8]]) throws(GrammarProblem) -> [UInt8] {
        if text.bytes.count <= StoryLimits.maximumCellBytes, text.bytes.allSatisfy(\.isNameByte) {
            return text.bytes  // most cells are one word
        }
        var result: [UInt8] = []
        for piece in try TemplateReader.readPieces(text) {
            if case .text(let bytes) = piece {
                result += bytes
            } else if case .use(let name, column: nil) = piece,
                let index = columns[..<cells.count].firstIndex(where: { $0.name.text == name.text })
            {
                result += cells[index]
            } else {
                throw GrammarProblem(
                    text.position(0), "a cell that is not plain text",
                    remedy: "only a column's default may hold braces, with earlier columns in them")
            }
            guard result.count <= StoryLimits.maximumCellBytes else {
                throw GrammarProblem(
                    text.position(0),
                    "a cell of more than \(StoryLimits.maximumCellBytes) bytes",
                    remedy: "shorten it, or make it a rule")
            }
        }
        return result
    }

    private func refuseIdentical() throws(GrammarProblem) {
        var seen: Set<[UInt8]> = []
        for row in rows where !seen.insert(row.cells[0]).inserted {
            throw GrammarProblem(
                row.position,
                "a second row for '\(String(decoding: row.cells[0], as: UTF8.self))'",
                remedy: "keep one and give it a weight, as in '2* text'")
        }
    }
}
