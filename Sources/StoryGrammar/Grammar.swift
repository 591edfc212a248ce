import Storage

/// A checked grammar, ready to tell stories.
public struct Grammar: Sendable {
    let program: Program

    /// Reads and checks a grammar.
    /// - Parameters:
    ///   - bytes: The text of the grammar file.
    ///   - path: The name that errors give.
    /// - Throws: ``GrammarError`` with the line and column of the first problem.
    public init(_ bytes: [UInt8], path: String) throws(GrammarError) {
        do {
            program = try GrammarCompiler.compile(try GrammarReader.read(bytes))
        } catch {
            throw GrammarError(error, path: path)
        }
    }

    /// Reads and checks a grammar file.
    /// - Throws: ``GrammarError``, or `FileError` where the file cannot be read.
    public static func load(_ path: String) throws -> Grammar {
        try Grammar(
            try Files.read(path, atMost: StoryLimits.maximumGrammarBytes), path: path)
    }
}
