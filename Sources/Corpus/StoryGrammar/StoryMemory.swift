/// What a story remembers: the row, number or text that each variable holds.
struct StoryMemory {
    /// The row that each variable holds, −1 for none. [variables]
    private(set) var rows: [Int] = []
    /// The number that each variable holds. [variables]
    var numbers: [Int] = []
    /// The text that each variable holds, as a stretch of `text`. [variables]
    private(set) var texts: [Span] = []
    private(set) var text: [UInt8] = []
    /// Whether a variable holds a row. [rows of all tables]
    private(set) var isHeld: [Bool] = []
    /// The weight of the rows that are held of each table. [tables]
    private(set) var heldWeights: [Int] = []
    private var holding: [Int] = []

    /// Forgets everything; the arrays take the sizes of `program`.
    mutating func reset(for program: Program) {
        if rows.count != program.variableCount || isHeld.count != program.rowWeights.count {
            rows = Array(repeating: -1, count: program.variableCount)
            isHeld = Array(repeating: false, count: program.rowWeights.count)
            heldWeights = Array(repeating: 0, count: program.tables.count)
            numbers = Array(repeating: 0, count: program.variableCount)
            texts = Array(repeating: Span(), count: program.variableCount)
        }
        for variable in holding { release(variable, program) }
        holding.removeAll(keepingCapacity: true)
        text.removeAll(keepingCapacity: true)
    }

    mutating func hold(_ row: Int, in variable: Int, _ program: Program) {
        rows[variable] = row
        isHeld[row] = true
        holding.append(variable)
        for table in program.holders[program.rowTables[row]] {
            heldWeights[table] += program.rowWeights[row]
        }
    }

    /// Lets go of the row that `variable` holds, if any.
    mutating func release(_ variable: Int, _ program: Program) {
        let row = rows[variable]
        guard row >= 0 else { return }
        rows[variable] = -1
        isHeld[row] = false
        for table in program.holders[program.rowTables[row]] {
            heldWeights[table] -= program.rowWeights[row]
        }
    }

    /// Moves the end of `output`, from `start` on, into the memory of `variable`.
    mutating func remember(_ variable: Int, from start: Int, of output: inout [UInt8]) {
        let start = min(start, output.count)  // a line end may have taken the space before it
        texts[variable] = Span(start: text.count, count: output.count - start)
        text.append(contentsOf: output[start...])
        output.removeLast(output.count - start)
    }
}
