/// The names of a grammar and what they stand for.
///
/// Rules, tables, unions and variables share one name space, so that `{name}` means one thing.
struct SymbolTable {
    enum Symbol: Equatable {
        case rule(Int)
        case table(Int)
        case variable(Int)
    }

    /// What a variable may hold; the same kind wherever it is bound.
    enum Content: Equatable {
        /// Rows of these tables.
        case row(tables: [Int])
        case number
        case text
    }

    struct Variable {
        let name: NameSyntax
        var content: Content
        var used = false
    }

    private(set) var symbols: [String: Symbol] = [:]
    private(set) var variables: [Variable] = []
    /// The tables of the file that each table or union holds.
    private(set) var tableParts: [[Int]] = []
    /// The names of the columns that all parts of each table or union have.
    private(set) var tableColumns: [[String]] = []

    init(_ syntax: GrammarSyntax) throws(GrammarProblem) {
        for (index, rule) in syntax.rules.enumerated() { try declare(rule.name, .rule(index)) }
        for (index, table) in syntax.tables.enumerated() {
            try declare(table.name, .table(index))
            tableParts.append([index])
            tableColumns.append(table.columns.map(\.text))
        }
        for union in syntax.unions { try declareUnion(union, tableCount: syntax.tables.count) }
        for rule in syntax.rules { try collect(rule.alternatives) }
    }

    func symbol(_ name: NameSyntax) throws(GrammarProblem) -> Symbol {
        if let symbol = symbols[name.text] { return symbol }
        throw GrammarProblem(
            name.position, "'\(name.text)' is neither a rule, a table nor a bound name",
            remedy: "check the spelling, or add a rule '\(name.text): text'")
    }

    /// The index of a bound name that holds a number.
    func numberVariable(_ name: NameSyntax) throws(GrammarProblem) -> Int {
        if case .variable(let index) = try symbol(name), variables[index].content == .number {
            return index
        }
        throw GrammarProblem(
            name.position, "'\(name.text)' is not a number",
            remedy: "bind it to a number first: {\(name.text)=2..9}")
    }

    mutating func markUsed(_ variable: Int) { variables[variable].used = true }

    private mutating func declare(_ name: NameSyntax, _ symbol: Symbol) throws(GrammarProblem) {
        guard symbols.updateValue(symbol, forKey: name.text) == nil else {
            throw GrammarProblem(
                name.position, "'\(name.text)' is declared twice",
                remedy: "join the two or rename one")
        }
    }

    private mutating func declareUnion(
        _ union: UnionSyntax, tableCount: Int
    ) throws(GrammarProblem) {
        var parts: [Int] = []
        var columns: [String]?
        for member in union.members {
            guard case .table(let index) = try symbol(member), index < tableCount else {
                throw GrammarProblem(
                    member.position, "'\(member.text)' is not a table",
                    remedy: "join tables only, neither rules nor other unions")
            }
            guard !parts.contains(index) else {
                throw GrammarProblem(
                    member.position, "table '\(member.text)' is joined twice",
                    remedy: "name it once")
            }
            parts.append(index)
            columns = columns.map { $0.filter(tableColumns[index].contains) } ?? tableColumns[index]
        }
        try declare(union.name, .table(tableParts.count))
        tableParts.append(parts)
        tableColumns.append(columns ?? [])
    }

    private mutating func collect(_ alternatives: [AlternativeSyntax]) throws(GrammarProblem) {
        for alternative in alternatives { try collect(alternative.pieces) }
    }

    /// Declares the variables that the pieces bind.
    private mutating func collect(_ pieces: [Piece]) throws(GrammarProblem) {
        for piece in pieces {
            switch piece {
            case .compute(let name, _, left: _, right: _): try bind(name, .number)
            case .bind(let name, let source): try bind(name, try content(of: source))
            case .choice(let alternatives): try collect(alternatives)
            case .branch(_, let then, let otherwise):
                try collect(then)
                try collect(otherwise)
            case .text, .article, .capital, .use: break
            }
        }
    }

    private func content(of source: NameSyntax) throws(GrammarProblem) -> Content {
        switch try symbol(source) {
        case .rule: return .text
        case .table(let index): return .row(tables: [index])
        case .variable:
            throw GrammarProblem(
                source.position, "'\(source.text)' is a bound name, not a rule or a table",
                remedy: "use it directly; for a number write {other=\(source.text) + 0}")
        }
    }

    private mutating func bind(_ name: NameSyntax, _ content: Content) throws(GrammarProblem) {
        guard let symbol = symbols[name.text] else {
            guard variables.count < StoryLimits.maximumVariables else {
                throw GrammarProblem(
                    name.position, "more than \(StoryLimits.maximumVariables) names are bound",
                    remedy: "use the same names in all stories")
            }
            symbols[name.text] = .variable(variables.count)
            variables.append(Variable(name: name, content: content))
            return
        }
        guard case .variable(let index) = symbol else {
            throw GrammarProblem(
                name.position, "'\(name.text)' is the name of a rule or a table",
                remedy: "bind another name")
        }
        switch (variables[index].content, content) {
        case (.row(let old), .row(let new)):
            variables[index].content = .row(tables: old + new.filter { !old.contains($0) })
        case (let old, let new) where old == new: break
        default:
            throw GrammarProblem(
                name.position, "'\(name.text)' is bound to things of two kinds",
                remedy: "use one name for rows, another for numbers, a third for texts")
        }
    }
}
