/// The syntax of a grammar as it was read, before names are resolved.
struct GrammarSyntax {
    var rules: [RuleSyntax] = []
    var tables: [TableSyntax] = []
    var unions: [UnionSyntax] = []
}

/// A name and where it stands.
struct NameSyntax {
    let text: String
    let position: SourcePosition
}

struct RuleSyntax {
    let name: NameSyntax
    let alternatives: [AlternativeSyntax]
}

struct AlternativeSyntax {
    let weight: Int
    let pieces: [Piece]
    /// The text as written, without the weight: what makes two alternatives identical.
    let source: [UInt8]
    let position: SourcePosition
}

struct TableSyntax {
    let name: NameSyntax
    let columns: [NameSyntax]
    let rows: [RowSyntax]
}

struct RowSyntax {
    let weight: Int
    /// The text of each column, defaults filled in.
    let cells: [[UInt8]]
    let position: SourcePosition
}

struct UnionSyntax {
    let name: NameSyntax
    let members: [NameSyntax]
}

/// A part of an alternative.
indirect enum Piece {
    case text([UInt8])
    /// `{a}`: "a" or "an", by the letter that comes next.
    case article
    /// `{^}`: the next letter written is a capital.
    case capital
    /// `{name}` or `{name.column}`: a rule, a table or a variable.
    case use(NameSyntax, column: NameSyntax?)
    /// `{variable=source}`, where the source is a rule or a table.
    case bind(NameSyntax, source: NameSyntax)
    /// `{variable=left operation right}`, whose operands are numbers.
    case compute(NameSyntax, NumberOperation, left: OperandSyntax, right: OperandSyntax)
    /// `{text|text}`: one of the texts.
    case choice([AlternativeSyntax])
    /// `{left==right?text|text}`: the first text where the comparison holds, else the second.
    case branch(ComparisonSyntax, then: [Piece], otherwise: [Piece])
}

enum OperandSyntax {
    case constant(Int)
    case variable(NameSyntax)
}

struct ComparisonSyntax {
    let relation: NumberRelation
    let left: NameSyntax
    let right: OperandSyntax
}

/// How a number of a story is made from two others.
enum NumberOperation: UInt8, Sendable {
    /// A uniform draw from left...right; left where the range is empty.
    case range
    case sum, difference, product
}

enum NumberRelation: UInt8, Sendable {
    case equal, less, greater
}
