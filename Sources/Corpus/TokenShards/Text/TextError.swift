import Diagnostics
import Storage

/// An input that cannot be read as text: what it is instead, and how to get text from it.
public struct TextError: UserError, Equatable {
    /// The path of the input.
    public let location: String
    /// What was found there.
    public let finding: String
    /// What to do about it.
    public let remedy: String
    /// What the input is in a word or two, for a list of such inputs: `xz`.
    let label: String

    init(_ location: String, _ finding: String, remedy: String, label: String) {
        self.location = location
        self.finding = finding
        self.remedy = remedy
        self.label = label
    }

    /// How to get the text of an input through another program; `words` comes after the program's options and the path.
    static func remedy(by program: String, _ path: String, _ words: String = "") -> String {
        guard path != InputFile.standardInput.path else {
            return "pipe it through this first: \(program) -\(words)"
        }
        return "pass - and pipe its text in, from: \(program) \(path.asShellWord)\(words)"
    }
}
