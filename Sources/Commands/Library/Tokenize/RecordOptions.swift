import ArgumentParser
import TokenShards

/// The flags for inputs that are JSON Lines.
struct RecordOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Read the inputs as JSON Lines, and take the string under this key of each line's object for a document. "
                + "A dot leads into an object, as in document.text; \\. is a dot of a key.",
            valueName: "key"))
    var field: String?

    @Flag(
        help: """
            Count and skip lines that are no JSON object or have no string under --field, instead of \
            ending with an error.
            """)
    var skipBadLines = false

    init() {}

    /// - Throws: `UsageError` where the flags make no sense.
    func recordField() throws(UsageError) -> RecordField? {
        guard let field else {
            guard !skipBadLines else {
                throw UsageError(
                    flag: "--skip-bad-lines",
                    finding: "is for JSON Lines, and --field is not given",
                    remedy: "pass --field, or leave it out")
            }
            return nil
        }
        guard let result = RecordField(field) else {
            throw UsageError(
                flag: "--field", finding: "'\(field)' is no key, nor keys with dots between them",
                remedy: "give a key such as text, or keys such as document.text")
        }
        return result
    }
}
