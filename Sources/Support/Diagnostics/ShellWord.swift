/// Writes text so that a shell takes it for one word, in commands that a user may paste.
public enum ShellWord {
    /// The bytes that no shell gives a meaning inside a word.
    private static let plain = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:=,@%+-".utf8)

    /// The text as it is where a shell takes it literally, and otherwise in single quotes.
    ///
    /// Worked example: `runs/a` stays, `it's` becomes `'it'\''s'`.
    public static func quoted(_ text: String) -> String {
        if !text.isEmpty && text.utf8.allSatisfy(plain.contains) { return text }
        let apostrophe = UInt8(ascii: "'")
        let parts = text.utf8.split(separator: apostrophe, omittingEmptySubsequences: false)
        return parts.map { "'" + String(Substring($0)) + "'" }.joined(separator: #"\'"#)
    }
}

extension String {
    /// The text as one word of a shell's command.
    public var asShellWord: String { ShellWord.quoted(self) }
}
