/// The limits that keep every grammar and every story finite.
public enum StoryLimits {
    /// Size of a grammar file, in bytes.
    public static let maximumGrammarBytes = 1 << 20
    /// Rules inside rules. Deeper, the alternative that ends soonest is taken; it is no choice and
    /// adds no entropy.
    public static let maximumDepth = 64
    /// Length of one story with the texts that it remembers, in bytes.
    public static let maximumBytes = 1 << 20
    /// Instructions carried out for one story.
    public static let maximumSteps = 1 << 20
    /// Sum of the weights of a rule or of a table.
    public static let maximumTotalWeight = 10_000
    /// Length of a cell of a table, in bytes: defaults that repeat each other grow fast.
    public static let maximumCellBytes = 1024
    /// Cells of all tables, and units of weight of all rules and tables: they bound the memory.
    public static let maximumEntries = 1 << 18
    /// Numbers of a story lie in 0...999; sums and products stop there, differences stop at 0.
    public static let maximumNumber = 999
    /// Names that stories bind. Sets of them are kept as bits of four words.
    public static let maximumVariables = 256
    /// Braces inside braces.
    static let maximumNesting = 16
}
