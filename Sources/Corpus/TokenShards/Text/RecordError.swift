import Diagnostics
import Storage

/// A line of JSON Lines that gives no text.
public struct RecordError: UserError, Equatable {
    /// The path of the input, the line and the column, `FILE:LINE:COLUMN`; both count from 1, and columns are characters.
    public let location: String
    /// What was found there.
    public let finding: String
    /// What to do about it.
    public let remedy = "mend the line, check --field, or pass --skip-bad-lines"

    init(_ error: JSONError, path: String, line: Int) {
        location = "\(path):\(line):\(error.column)"
        finding = error.problem
    }
}

/// Counts the lines that were skipped, in constant memory.
public struct BadLines: Sendable, Equatable {
    /// How many there were.
    public private(set) var count = 0
    /// What was wrong with the first.
    public private(set) var first: RecordError?

    mutating func add(_ error: RecordError) {
        count += 1
        if first == nil { first = error }
    }
}
