import FixedPoint

/// Turns syntax into a ``Program``, resolving every name.
struct GrammarCompiler {
    private var program = Program()
    private var symbols: SymbolTable
    private var columnIndices: [String: Int] = [:]
    /// Choices in braces that wait to become rules; their indices follow those of the file's rules.
    private var pending: [[AlternativeSyntax]] = []
    /// Where each rule stands, for findings.
    private var rulePositions: [SourcePosition]
    /// Where each instruction stands, for findings.
    private var positions: [SourcePosition] = []
    private var current: SourcePosition

    static func compile(_ syntax: GrammarSyntax) throws(GrammarProblem) -> Program {
        guard let start = syntax.rules.firstIndex(where: { $0.name.text == "story" }) else {
            throw GrammarProblem(
                SourcePosition(line: 1, column: 1), "there is no rule 'story'",
                remedy: "add 'story:' with the alternatives that a story begins with")
        }
        var compiler = GrammarCompiler(syntax, symbols: try SymbolTable(syntax))
        compiler.program.startRule = start
        try compiler.compileTables(syntax)
        try compiler.compileRules(syntax)
        try compiler.check(syntax)
        compiler.fillLogarithms()
        return compiler.program
    }

    private init(_ syntax: GrammarSyntax, symbols: SymbolTable) {
        self.symbols = symbols
        rulePositions = syntax.rules.map(\.name.position)
        current = SourcePosition(line: 1, column: 1)
    }

    // MARK: Tables

    private mutating func compileTables(_ syntax: GrammarSyntax) throws(GrammarProblem) {
        for table in syntax.tables {
            for column in table.columns where columnIndices[column.text] == nil {
                columnIndices[column.text] = columnIndices.count + 1
            }
        }
        program.cellColumns = columnIndices.count + 1
        var rowsOfTable: [[(weight: Int, outcome: Int)]] = []
        for (index, table) in syntax.tables.enumerated() {
            var rows: [(weight: Int, outcome: Int)] = []
            let cellCount = (program.rowWeights.count + table.rows.count) * program.cellColumns
            try Self.checkMemory(cellCount, table.name.position)
            for row in table.rows {
                rows.append((row.weight, program.rowWeights.count))
                program.rowWeights.append(row.weight)
                program.rowTables.append(index)
                addCells(row, table.columns)
            }
            rowsOfTable.append(rows)
        }
        program.holders = Array(repeating: [], count: syntax.tables.count)
        let names = syntax.tables.map(\.name) + syntax.unions.map(\.name)
        for (index, parts) in symbols.tableParts.enumerated() {
            let rows = parts.flatMap { rowsOfTable[$0] }
            program.tables.append(try addLottery(rows, names[index].position))
            for part in parts { program.holders[part].append(index) }
        }
        program.variableCount = symbols.variables.count
    }

    private mutating func addCells(_ row: RowSyntax, _ columns: [NameSyntax]) {
        let start = program.cells.count
        program.cells += Array(repeating: Span(), count: program.cellColumns)
        for (column, cell) in zip(columns, row.cells) {
            let span = addText(cell)
            if program.cells[start].count == 0 { program.cells[start] = span }
            if let index = columnIndices[column.text] { program.cells[start + index] = span }
        }
    }

    private mutating func addText(_ bytes: [UInt8]) -> Span {
        let span = Span(start: program.text.count, count: bytes.count)
        program.text += bytes
        return span
    }

    private mutating func addLottery(
        _ outcomes: [(weight: Int, outcome: Int)], _ position: SourcePosition
    ) throws(GrammarProblem) -> Lottery {
        let start = program.slots.count
        let limit = StoryLimits.maximumTotalWeight
        var total = 0
        for (weight, outcome) in outcomes {
            total += weight
            guard total <= limit else {
                throw GrammarProblem(
                    position, "the weights add up to more than \(limit)",
                    remedy: "divide them by a common factor")
            }
            try Self.checkMemory(program.slots.count + weight, position)
            program.slots += Array(repeating: Int32(outcome), count: weight)
        }
        return Lottery(slots: Span(start: start, count: total), outcomes: outcomes.count)
    }

    private static func checkMemory(
        _ entries: Int, _ position: SourcePosition
    ) throws(GrammarProblem) {
        guard entries <= StoryLimits.maximumEntries else {
            throw GrammarProblem(
                position, "more than \(StoryLimits.maximumEntries) cells or units of weight in all",
                remedy: "use smaller weights, or fewer columns and rows")
        }
    }

    private mutating func fillLogarithms() {
        let greatest = (program.rules + program.tables).map(\.slots.count).max() ?? 1
        let count = max(greatest, StoryLimits.maximumNumber + 1)
        program.logarithms = [0] + (1...count).map { BinaryLogarithm.q32(UInt64($0)) }
    }

    // MARK: Rules

    private mutating func compileRules(_ syntax: GrammarSyntax) throws(GrammarProblem) {
        pending = syntax.rules.map(\.alternatives)
        var next = 0
        while next < pending.count {
            try compileRule(pending[next], rulePositions[next])
            next += 1
        }
    }

    private mutating func compileRule(
        _ alternatives: [AlternativeSyntax], _ position: SourcePosition
    ) throws(GrammarProblem) {
        var outcomes: [(weight: Int, outcome: Int)] = []
        for alternative in alternatives {
            let start = program.instructions.count
            current = alternative.position
            try compile(alternative.pieces)
            outcomes.append((alternative.weight, program.alternatives.count))
            program.alternativeWeights.append(alternative.weight)
            program.alternatives.append(
                Span(start: start, count: program.instructions.count - start))
        }
        program.rules.append(try addLottery(outcomes, position))
    }

    private mutating func emit(
        _ code: Instruction.Code, _ a: Int = 0, _ b: Int = 0, at position: SourcePosition? = nil
    ) {
        emit(Instruction(code: code, a: Int32(a), b: Int32(b)), at: position)
    }

    private mutating func emit(_ instruction: Instruction, at position: SourcePosition? = nil) {
        program.instructions.append(instruction)
        positions.append(position ?? current)
    }

    private mutating func compile(_ pieces: [Piece]) throws(GrammarProblem) {
        for piece in pieces {
            switch piece {
            case .text(let bytes):
                let span = addText(bytes)
                emit(.literal, span.start, span.count)
            case .article: emit(.article)
            case .capital: emit(.capital)
            case .use(let name, let column): try compileUse(name, column)
            case .bind(let name, let source): try compileBinding(name, source)
            case .compute(let name, let operation, let left, let right):
                guard case .variable(let index) = try symbols.symbol(name) else { continue }
                emit(
                    Instruction(
                        code: .compute, detail: operation.rawValue, a: Int32(index),
                        b: try operand(left), c: try operand(right)), at: name.position)
            case .choice(let alternatives):
                emit(.call, pending.count)
                pending.append(alternatives)
                rulePositions.append(alternatives[0].position)
            case .branch(let comparison, let then, let otherwise):
                try compileBranch(comparison, then, otherwise)
            }
        }
    }

    private mutating func operand(_ operand: OperandSyntax) throws(GrammarProblem) -> Int32 {
        switch operand {
        case .constant(let value): return Operand.constant(value)
        case .variable(let name):
            let index = try symbols.numberVariable(name)
            symbols.markUsed(index)
            return Operand.variable(index)
        }
    }

    private mutating func compileBinding(
        _ name: NameSyntax, _ source: NameSyntax
    ) throws(GrammarProblem) {
        guard case .variable(let variable) = try symbols.symbol(name) else { return }
        switch try symbols.symbol(source) {
        case .table(let table): emit(.bindRow, variable, table, at: name.position)
        case .rule(let rule):
            emit(.remember, variable, rule, at: name.position)
            emit(.remembered, variable, at: name.position)
        case .variable: break  // refused when the symbols were collected
        }
    }

    private mutating func compileUse(
        _ name: NameSyntax, _ column: NameSyntax?
    ) throws(GrammarProblem) {
        let position = name.position
        switch try symbols.symbol(name) {
        case .rule(let rule):
            if let column { throw Self.noColumn(column, of: name) }
            emit(.call, rule, at: position)
        case .table(let table):
            emit(.draw, table, try columnIndex(column, name, [table]), at: position)
        case .variable(let variable):
            symbols.markUsed(variable)
            switch symbols.variables[variable].content {
            case .row(let tables):
                emit(.field, variable, try columnIndex(column, name, tables), at: position)
            case .number where column == nil || column?.text == "word":
                emit(.numberWords, variable, at: position)
            case .number where column?.text == "digits":
                emit(.numberDigits, variable, at: position)
            case .text where column == nil: emit(.recall, variable, at: position)
            case .number, .text: throw Self.noColumn(column ?? name, of: name)
            }
        }
    }

    private func columnIndex(
        _ column: NameSyntax?, _ name: NameSyntax, _ tables: [Int]
    ) throws(GrammarProblem) -> Int {
        guard let column else { return 0 }
        guard tables.allSatisfy({ symbols.tableColumns[$0].contains(column.text) }),
            let index = columnIndices[column.text]
        else { throw Self.noColumn(column, of: name) }
        return index
    }

    private static func noColumn(_ column: NameSyntax, of name: NameSyntax) -> GrammarProblem {
        GrammarProblem(
            column.position, "'\(name.text)' has no column '\(column.text)'",
            remedy: "check the spelling; every table it may come from needs the column "
                + "(a number has word and digits, a text has none)")
    }

    private mutating func compileBranch(
        _ comparison: ComparisonSyntax, _ then: [Piece], _ otherwise: [Piece]
    ) throws(GrammarProblem) {
        let left = try symbols.numberVariable(comparison.left)
        symbols.markUsed(left)
        let right = try operand(comparison.right)
        let test = program.instructions.count
        emit(.skipUnless, at: comparison.left.position)
        try compile(then)
        emit(.skip)
        let middle = program.instructions.count
        try compile(otherwise)
        program.instructions[test] = Instruction(
            code: .skipUnless, detail: comparison.relation.rawValue, a: Int32(middle - test - 1),
            b: Operand.variable(left), c: right)
        program.instructions[middle - 1] = Instruction(
            code: .skip, a: Int32(program.instructions.count - middle))
    }

    // MARK: Checks

    private mutating func check(_ syntax: GrammarSyntax) throws(GrammarProblem) {
        let names =
            syntax.rules.map(\.name) + syntax.tables.map(\.name) + syntax.unions.map(\.name)
        try UsageCheck.check(program, symbols, names: names, ruleCount: syntax.rules.count)
        program.shortest = try TerminationCheck.shortestAlternatives(program, rulePositions)
        try BindingCheck.check(program, symbols, positions)
    }
}
