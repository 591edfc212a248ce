/// Refuses what no story can reach, and tables too small for what is held from them.
enum UsageCheck {
    /// Checks a program; `names` are those of the file's rules, then of its tables, then of its unions.
    static func check(
        _ program: Program, _ symbols: SymbolTable, names: [NameSyntax], ruleCount: Int
    ) throws(GrammarProblem) {
        let (rules, tables) = reach(program)
        for (index, name) in names.enumerated() {
            let used = index < ruleCount ? rules[index] : isUsed(index - ruleCount, tables, symbols)
            guard used else {
                throw GrammarProblem(
                    name.position, "no story uses '\(name.text)'",
                    remedy: "refer to it from a rule that a story reaches, or remove it")
            }
        }
        for variable in symbols.variables where !variable.used {
            throw GrammarProblem(
                variable.name.position, "'\(variable.name.text)' is bound and never used",
                remedy: "use it or remove the binding: it would count as entropy that no text shows"
            )
        }
        for table in program.tables.indices where tables[table] {
            try checkSize(table, program, symbols, names[ruleCount + table])
        }
    }

    /// A table is used when a reachable instruction draws from it or from a union that holds it.
    private static func isUsed(_ table: Int, _ drawn: [Bool], _ symbols: SymbolTable) -> Bool {
        drawn.indices.contains {
            drawn[$0] && ($0 == table || symbols.tableParts[$0].contains(table))
        }
    }

    private static func reach(_ program: Program) -> (rules: [Bool], tables: [Bool]) {
        var rules = [Bool](repeating: false, count: program.rules.count)
        var tables = [Bool](repeating: false, count: program.tables.count)
        var open = [program.startRule]
        rules[program.startRule] = true
        while let rule = open.popLast() {
            let lottery = program.rules[rule]
            let first = Int(program.slots[lottery.slots.start])
            for alternative in program.alternatives[first..<first + lottery.outcomes] {
                for next in TerminationCheck.calls(of: alternative, in: program) where !rules[next]
                {
                    rules[next] = true
                    open.append(next)
                }
                for instruction in program.instructions[alternative.start..<alternative.end] {
                    if instruction.code == .draw { tables[Int(instruction.a)] = true }
                    if instruction.code == .bindRow { tables[Int(instruction.b)] = true }
                }
            }
        }
        return (rules, tables)
    }

    /// A draw never gives a row that a variable holds, so a table needs a row more than there are
    /// variables that may hold rows of it.
    private static func checkSize(
        _ table: Int, _ program: Program, _ symbols: SymbolTable, _ name: NameSyntax
    ) throws(GrammarProblem) {
        let holding = symbols.variables.filter { variable in
            guard case .row(let tables) = variable.content else { return false }
            return tables.contains { other in
                symbols.tableParts[other].contains { symbols.tableParts[table].contains($0) }
            }
        }
        let rows = program.tables[table].outcomes
        guard rows > holding.count else {
            throw GrammarProblem(
                name.position,
                "'\(name.text)' has \(rows) rows for \(holding.count) names that hold different ones",
                remedy: "add rows until there is at least one more than names")
        }
    }
}
