import Diagnostics

/// An input that cannot be read as text: what it is instead, and how to get text from it.
public struct TextError: UserError, Equatable {
    public let location: String
    public let finding: String
    public let remedy: String
    /// What it is in a word or two, for a list of such inputs: `xz`.
    let label: String

    init(_ location: String, _ finding: String, remedy: String, label: String) {
        self.location = location
        self.finding = finding
        self.remedy = remedy
        self.label = label
    }
}
