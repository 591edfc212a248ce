/// The limits that keep every grammar and every story finite.
public enum StoryLimits {
    /// The most bytes of a grammar file.
    public static let maximumGrammarBytes = 1 << 20
    /// The most rules inside rules. Deeper, the alternative that ends soonest is taken; it is no choice and
    /// adds no entropy.
    public static let maximumDepth = 64
    /// The most bytes of one story with the texts that it remembers.
    public static let maximumBytes = 1 << 20
    /// The most instructions that are carried out for one story.
    public static let maximumSteps = 1 << 20
    /// The largest sum of the weights of a rule or of a table.
    public static let maximumTotalWeight = 10_000
    /// The most bytes of a cell of a table: defaults that repeat each other grow fast.
    public static let maximumCellBytes = 1024
    /// The most cells of all tables, and units of weight of all rules and tables: they bound the memory.
    public static let maximumEntries = 1 << 18
    /// The largest number of a story: numbers lie in 0...999; sums and products stop there, differences stop at 0.
    public static let maximumNumber = 999
    /// The most names that stories bind. Sets of them are kept as bits of four words.
    public static let maximumVariables = 256
    /// The most braces inside braces.
    static let maximumNesting = 16
}
