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

    /// Reads and checks a grammar file, or standard input for `-`.
    /// - Throws: ``GrammarError``, or `FileError` where the file cannot be read.
    public static func load(_ path: String) throws -> Grammar {
        let file = try InputFile.named(path)
        return try Grammar(
            try Files.read(file, atMost: StoryLimits.maximumGrammarBytes), path: file.path)
    }
}
