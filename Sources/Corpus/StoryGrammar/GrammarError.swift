import Diagnostics

/// A place in a grammar file; both numbers count from 1.
struct SourcePosition: Equatable, Sendable {
    let line: Int
    let column: Int
}

/// A problem found while a grammar is read and checked, before the file's name is known.
struct GrammarProblem: Error {
    let position: SourcePosition
    let finding: String
    let remedy: String

    init(_ position: SourcePosition, _ finding: String, remedy: String) {
        self.position = position
        self.finding = finding
        self.remedy = remedy
    }
}

/// A grammar that cannot be used: `FILE:LINE:COLUMN`, what was found there and what to do about it.
public struct GrammarError: UserError {
    /// The place, `FILE:LINE:COLUMN`; lines and columns count from 1.
    public let location: String
    /// What was found there.
    public let finding: String
    /// What to do about it.
    public let remedy: String

    init(_ problem: GrammarProblem, path: String) {
        location = "\(path):\(problem.position.line):\(problem.position.column)"
        finding = problem.finding
        remedy = problem.remedy
    }
}

/// A story that grew beyond the limits of ``StoryLimits``.
public struct StoryError: UserError {
    /// The number of the story and its seed.
    public let location: String
    /// What was found there.
    public let finding: String
    /// What to do about it.
    public let remedy: String

    init(story: UInt64, seed: UInt64) {
        location = "story \(story) of seed \(seed)"
        finding =
            "grew beyond \(StoryLimits.maximumBytes) bytes or \(StoryLimits.maximumSteps) steps"
        remedy = "give the rules that refer to themselves fewer references or smaller weights"
    }
}
