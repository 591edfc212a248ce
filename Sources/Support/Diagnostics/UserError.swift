/// An error that the person at the keyboard can act on.
///
/// Every typed error of the toolkit conforms to this protocol, so that a command prints all of
/// them in one form: `error: LOCATION: FINDING; REMEDY`.
public protocol UserError: Error, CustomStringConvertible, Sendable {
    /// The file, flag or config key, and the place in it (`corpus.zst`, `run.yaml:3:10`, `--tokens`).
    var location: String { get }
    /// What was found there.
    var finding: String { get }
    /// What to do about it.
    var remedy: String { get }
}

extension UserError {
    /// The error in one line, without the word `error`.
    public var description: String {
        "\(location.isEmpty ? "''" : location): \(finding); \(remedy)"
    }
}
