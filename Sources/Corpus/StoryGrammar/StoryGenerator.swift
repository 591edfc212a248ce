/// Tells the stories of a grammar. Story i is a pure function of the grammar, the seed and i.
public struct StoryGenerator {
    let program: Program
    /// The seed that names the stories.
    public let seed: UInt64
    var choices: ChoiceSource
    /// The entropy of the story so far, in bits with 32 fraction bits.
    var entropy: Int64 = 0
    /// Rules inside rules: where to go on when the innermost one ends.
    private var frames: [Frame] = []
    /// Where the texts begin that are being remembered, with the pen as it was before; innermost last.
    private var captures: [(start: Int, pen: Pen)] = []
    var memory = StoryMemory()
    var pen = Pen(origin: 0)

    private struct Frame {
        var next: Int
        let end: Int
    }

    /// Makes a generator of the stories that a seed names.
    public init(grammar: Grammar, seed: UInt64) {
        program = grammar.program
        self.seed = seed
        choices = ChoiceSource(seed: seed, story: 0)
    }

    /// Appends story `index` and its last newline to `output`.
    /// - Returns: −log2 of the probability of the choices made, in bits with 32 fraction bits.
    /// - Throws: ``StoryError`` when the story outgrows ``StoryLimits``; `output` then ends with a
    ///   part of it.
    public mutating func appendStory(
        _ index: UInt64, to output: inout [UInt8]
    ) throws(StoryError) -> Int64 {
        choices = ChoiceSource(seed: seed, story: index)
        entropy = 0
        frames.removeAll(keepingCapacity: true)
        captures.removeAll(keepingCapacity: true)
        memory.reset(for: program)
        pen = Pen(origin: output.count)
        let start = output.count
        var steps = 0
        expand(program.startRule)
        while let frame = frames.last {
            if frame.next == frame.end {
                frames.removeLast()
                continue
            }
            frames[frames.count - 1].next += 1
            execute(program.instructions[frame.next], &output)
            steps += 1
            guard steps < StoryLimits.maximumSteps,
                output.count - start + memory.text.count < StoryLimits.maximumBytes
            else { throw StoryError(story: index, seed: seed) }
        }
        pen.write([SourceText.newline], Span(start: 0, count: 1), to: &output)
        return entropy
    }

    /// Chooses an alternative of `rule` and makes it the next text.
    private mutating func expand(_ rule: Int) {
        let alternative =
            frames.count < StoryLimits.maximumDepth
            ? drawAlternative(program.rules[rule]) : program.shortest[rule]
        let span = program.alternatives[alternative]
        frames.append(Frame(next: span.start, end: span.end))
    }

    private mutating func drawAlternative(_ lottery: Lottery) -> Int {
        let slots = lottery.slots
        guard lottery.outcomes > 1 else { return Int(program.slots[slots.start]) }
        let alternative = Int(program.slots[slots.start + choices.next(below: slots.count)])
        let weight = program.alternativeWeights[alternative]
        entropy += program.logarithms[slots.count] - program.logarithms[weight]
        return alternative
    }

    private mutating func execute(_ instruction: Instruction, _ output: inout [UInt8]) {
        let a = Int(instruction.a)
        let b = Int(instruction.b)
        switch instruction.code {
        case .literal: pen.write(program.text, Span(start: a, count: b), to: &output)
        case .call: expand(a)
        case .draw: writeCell(row: drawRow(a), column: b, to: &output)
        case .field: writeCell(row: memory.rows[a], column: b, to: &output)
        case .article: pen.writeArticle(to: &output)
        case .capital: pen.capitalizeNext()
        case .bindRow:
            memory.release(a, program)
            memory.hold(drawRow(b), in: a, program)
        case .compute: memory.numbers[a] = compute(instruction)
        case .numberWords: NumberWords.write(memory.numbers[a], with: &pen, to: &output)
        case .numberDigits:
            let digits = Array(String(memory.numbers[a]).utf8)
            pen.write(digits, Span(start: 0, count: digits.count), to: &output)
        case .remember:
            captures.append((output.count, pen))
            pen = Pen(origin: pen.origin)  // no article or capital waits for this text
            expand(b)
        case .remembered:
            guard let capture = captures.popLast() else { break }
            memory.remember(a, from: capture.start, of: &output)
            pen = capture.pen
        case .recall: pen.write(memory.text, memory.texts[a], to: &output)
        case .skipUnless: if !holds(instruction) { frames[frames.count - 1].next += a }
        case .skip: frames[frames.count - 1].next += a
        }
    }

    private mutating func writeCell(row: Int, column: Int, to output: inout [UInt8]) {
        pen.write(program.text, program.cells[row * program.cellColumns + column], to: &output)
    }
}

// MARK: Draws from tables, and numbers

extension StoryGenerator {
    /// A row of `table` that no variable holds, with the probabilities of those that are left.
    private mutating func drawRow(_ table: Int) -> Int {
        let slots = program.tables[table].slots
        let free = slots.count - memory.heldWeights[table]
        var row: Int
        repeat {
            row = Int(program.slots[slots.start + choices.next(below: slots.count)])
        } while memory.isHeld[row]
        if free > program.rowWeights[row] {
            entropy += program.logarithms[free] - program.logarithms[program.rowWeights[row]]
        }
        return row
    }

    private func value(_ operand: Int32) -> Int {
        operand < 0 ? memory.numbers[Int(~operand)] : Int(operand)
    }

    private mutating func compute(_ instruction: Instruction) -> Int {
        let left = value(instruction.b)
        let right = value(instruction.c)
        switch NumberOperation(rawValue: instruction.detail) {
        case .range:
            guard right > left else { return left }
            entropy += program.logarithms[right - left + 1]
            return left + choices.next(below: right - left + 1)
        case .sum: return min(left + right, StoryLimits.maximumNumber)
        case .difference: return max(left - right, 0)
        case .product: return min(left * right, StoryLimits.maximumNumber)
        case nil: return left
        }
    }

    private func holds(_ instruction: Instruction) -> Bool {
        let left = value(instruction.b)
        let right = value(instruction.c)
        return switch NumberRelation(rawValue: instruction.detail) {
        case .equal: left == right
        case .less: left < right
        case .greater: left > right
        case nil: false
        }
    }
}
