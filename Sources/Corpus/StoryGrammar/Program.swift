/// A grammar as flat arrays of bytes and indices, which the generator walks.
///
/// Shapes: R rules (those of the file, then one for each choice in braces), T tables (those of the
/// file, then unions), W rows over all tables, C column names over all tables.
struct Program: Sendable {
    /// All literal text and all cells, one after the other.
    var text: [UInt8] = []
    var instructions: [Instruction] = []
    /// The instruction range of each alternative; the alternatives of a rule lie side by side.
    var alternatives: [Span] = []
    /// The weight of each alternative.
    var alternativeWeights: [Int] = []
    /// The lottery of each rule, whose outcomes are indices of `alternatives`. [R]
    var rules: [Lottery] = []
    /// The alternative of each rule that ends after the fewest rules inside rules. [R]
    var shortest: [Int] = []
    /// The lottery of each table, whose outcomes are rows. [T]
    var tables: [Lottery] = []
    /// The outcomes of all lotteries: one entry for each unit of weight.
    var slots: [Int32] = []
    /// The weight and the first table of each row. [W]
    var rowWeights: [Int] = []
    var rowTables: [Int] = []
    /// The tables and unions that hold the rows of each table. [T]
    var holders: [[Int]] = []
    /// The texts of the cells [W × (C + 1)], row-major; column 0 repeats the first column of the row's
    /// table, and a column that the table lacks is empty.
    var cells: [Span] = []
    var cellColumns = 1
    var variableCount = 0
    /// The rule a story begins with.
    var startRule = 0
    /// The logarithms log2(n) with 32 fraction bits, for n up to the greatest sum of weights or range.
    var logarithms: [Int64] = []
}

/// A stretch of an array.
struct Span: Sendable {
    var start = 0
    var count = 0
    var end: Int { start + count }
}

/// A draw with weights: `slots` holds each outcome as often as its weight says.
struct Lottery: Sendable {
    /// The range of `Program.slots`; its count is the sum of the weights.
    let slots: Span
    /// The number of outcomes. With one there is nothing to choose.
    let outcomes: Int
}

/// One step of a story.
struct Instruction: Sendable {
    enum Code: UInt8, Sendable {
        /// Writes `text[a..<a + b]`.
        case literal
        case article, capital
        /// Expands rule a.
        case call
        /// Writes column b of the row that variable a holds.
        case field
        /// Draws a row of table a and writes its column b.
        case draw
        /// Draws a row of table b for variable a to hold.
        case bindRow
        /// Sets variable a to b `detail` c; b and c are operands.
        case compute
        case numberWords, numberDigits
        /// Expands rule b into the memory of variable a.
        case remember
        /// Ends what `remember` began for variable a.
        case remembered
        /// Writes what variable a remembers.
        case recall
        /// Skips a instructions unless b `detail` c; b and c are operands.
        case skipUnless
        /// Skips a instructions.
        case skip
    }

    let code: Code
    /// The raw value of a ``NumberOperation`` or ``NumberRelation``.
    var detail: UInt8 = 0
    var a: Int32 = 0
    var b: Int32 = 0
    var c: Int32 = 0
}

/// A number of an instruction: a constant, or the complement of a variable's index.
enum Operand {
    static func constant(_ value: Int) -> Int32 { Int32(value) }
    static func variable(_ index: Int) -> Int32 { ~Int32(index) }
}
