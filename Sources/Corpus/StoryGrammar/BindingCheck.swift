/// Refuses a use of a name that some way through the grammar has not bound.
///
/// For each rule two sets of variables are the solution of a fixpoint: those it needs bound when it
/// begins, and those it has bound, whichever alternative was taken, when it ends.
struct BindingCheck {
    private typealias Variables = SIMD4<UInt64>

    /// The order of rules is arbitrary, so an acyclic grammar settles after as many passes as its
    /// rules lie deep.
    private static let maximumPasses = 4 * StoryLimits.maximumDepth

    private let program: Program
    private var needed: [Variables]
    private var provided: [Variables]

    static func check(
        _ program: Program, _ symbols: SymbolTable, _ positions: [SourcePosition]
    ) throws(GrammarProblem) {
        var check = BindingCheck(program)
        guard check.settle() else {
            throw GrammarProblem(
                SourcePosition(line: 1, column: 1), "the rules lie too deep inside each other",
                remedy: "refer to rules more directly")
        }
        let missing = check.needed[program.startRule]
        for variable in symbols.variables.indices where missing.contains(variable) {
            let name = symbols.variables[variable].name
            let use = check.firstUse(of: variable).map { positions[$0] } ?? name.position
            throw GrammarProblem(
                use, "'\(name.text)' may be used before it is bound",
                remedy: "bind it with {\(name.text)=...} on every way that leads here")
        }
    }

    private init(_ program: Program) {
        self.program = program
        needed = Array(repeating: Variables(), count: program.rules.count)
        provided = Array(repeating: Variables(repeating: .max), count: program.rules.count)
    }

    /// Repeats until nothing changes; false where that takes too long.
    private mutating func settle() -> Bool {
        for _ in 0..<Self.maximumPasses {
            var changed = false
            for rule in program.rules.indices {
                let (need, provide) = flow(rule)
                if need != needed[rule] || provide != provided[rule] { changed = true }
                needed[rule] = need
                provided[rule] = provide
            }
            if !changed { return true }
        }
        return false
    }

    private func flow(_ rule: Int) -> (needed: Variables, provided: Variables) {
        var need = Variables()
        var provide = Variables(repeating: .max)
        let lottery = program.rules[rule]
        let first = Int(program.slots[lottery.slots.start])
        for span in program.alternatives[first..<first + lottery.outcomes] {
            var bound = Variables()
            walk(span.start, span.end, &bound, &need)
            provide &= bound
        }
        return (need, provide)
    }

    private func walk(_ start: Int, _ end: Int, _ bound: inout Variables, _ need: inout Variables) {
        var position = start
        while position < end {
            let instruction = program.instructions[position]
            position += 1
            for variable in Self.uses(instruction) { need |= Variables(variable) & ~bound }
            switch instruction.code {
            case .call:
                need |= needed[Int(instruction.a)] & ~bound
                bound |= provided[Int(instruction.a)]
            case .remember:
                need |= needed[Int(instruction.b)] & ~bound
                bound |= provided[Int(instruction.b)]
            case .remembered, .bindRow, .compute: bound |= Variables(Int(instruction.a))
            case .skipUnless:
                let middle = position + Int(instruction.a)
                let last = middle + Int(program.instructions[middle - 1].a)
                var other = bound
                walk(position, middle - 1, &bound, &need)
                walk(middle, last, &other, &need)
                bound &= other
                position = last
            default: break
            }
        }
    }

    /// The variables that an instruction reads.
    private static func uses(_ instruction: Instruction) -> [Int] {
        switch instruction.code {
        case .field, .numberWords, .numberDigits, .recall: [Int(instruction.a)]
        case .compute, .skipUnless:
            [instruction.b, instruction.c].filter { $0 < 0 }.map { Int(~$0) }
        default: []
        }
    }

    /// The first instruction that reads `variable` unbound in its own alternative, in the order of
    /// the file.
    private func firstUse(of variable: Int) -> Int? {
        for span in program.alternatives {
            var bound = false
            for index in span.start..<span.end {
                let instruction = program.instructions[index]
                if !bound && Self.uses(instruction).contains(variable) { return index }
                switch instruction.code {
                case .remembered, .bindRow, .compute:
                    if Int(instruction.a) == variable { bound = true }
                default: break
                }
            }
        }
        return nil
    }
}

extension SIMD4<UInt64> {
    /// The set that holds one variable.
    fileprivate init(_ variable: Int) {
        self.init()
        self[variable / 64] = 1 << UInt64(variable % 64)
    }

    fileprivate func contains(_ variable: Int) -> Bool {
        self[variable / 64] >> UInt64(variable % 64) & 1 == 1
    }
}
