/// Finds for each rule the alternative that ends soonest, and refuses rules that never end.
enum TerminationCheck {
    /// The index in `program.alternatives` of the alternative with the fewest rules inside rules;
    /// the first of several.
    ///
    /// Pass k settles the rules that can end with k rules inside each other, so a rule that is open
    /// after as many passes as the generator allows either never ends or lies too deep.
    static func shortestAlternatives(
        _ program: Program, _ positions: [SourcePosition]
    ) throws(GrammarProblem) -> [Int] {
        var shortest = [Int](repeating: -1, count: program.rules.count)
        for _ in 0..<StoryLimits.maximumDepth {
            var settled: [(rule: Int, alternative: Int)] = []
            for (rule, lottery) in program.rules.enumerated() where shortest[rule] < 0 {
                let first = Int(program.slots[lottery.slots.start])
                let ending = (first..<first + lottery.outcomes).first { alternative in
                    calls(of: program.alternatives[alternative], in: program)
                        .allSatisfy { shortest[$0] >= 0 }
                }
                if let ending { settled.append((rule, ending)) }
            }
            if settled.isEmpty { break }
            for (rule, alternative) in settled { shortest[rule] = alternative }
        }
        if let endless = shortest.firstIndex(of: -1) {
            throw GrammarProblem(
                positions[onCycle(from: endless, shortest, program)],
                "the rule never ends within \(StoryLimits.maximumDepth) rules inside each other",
                remedy: "give it an alternative that does not lead back to itself")
        }
        return shortest
    }

    /// Follows open rules from `rule` until one comes again: a rule of a cycle rather than one that
    /// merely leads to it. Where the rules are too deep but end, the last one that is open.
    private static func onCycle(from rule: Int, _ shortest: [Int], _ program: Program) -> Int {
        var seen: Set<Int> = []
        var rule = rule
        while seen.insert(rule).inserted {
            let first = Int(program.slots[program.rules[rule].slots.start])
            let open = calls(of: program.alternatives[first], in: program)
                .first { shortest[$0] < 0 }
            guard let open else { break }
            rule = open
        }
        return rule
    }

    /// The rules that the instructions of `span` expand, in either branch of a condition.
    static func calls(of span: Span, in program: Program) -> [Int] {
        var rules: [Int] = []
        for instruction in program.instructions[span.start..<span.end] {
            switch instruction.code {
            case .call: rules.append(Int(instruction.a))
            case .remember: rules.append(Int(instruction.b))
            default: break
            }
        }
        return rules
    }
}
