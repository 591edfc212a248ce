import Storage

/// The texts that files and directories stand for, found as ``CorpusTokenizer`` finds them: of a directory all texts in
/// it, in the order of the bytes of their paths.
///
/// Memory: the paths.
public struct CorpusTexts: Sendable {
    /// The paths of the texts, with `-` for standard input.
    public let paths: [String]
    /// What was skipped in the directories: what is no text, and files without a byte.
    public let skipped: FileTally

    /// Looks at the beginning of every file in the directories. What is named itself is a text without a look.
    /// - Parameters:
    ///   - inputs: Files, directories, and `-` for standard input.
    ///   - encoding: How the bytes of the texts stand for characters.
    ///   - filter: Which files of the directories are wanted.
    /// - Throws: `FileError` where an input does not exist, holds token shards, or is a directory without a text.
    public init(
        _ inputs: [String], encoding: TextEncoding = .auto, filter: PathFilter = PathFilter()
    ) throws {
        var files = try CorpusFiles(inputs, excluding: nil, filter: filter)
        var paths: [String] = []
        while let entry = try files.next() {
            if try entry.isNamed || Self.holdsText(entry, of: &files, encoding) {
                paths.append(entry.path)
            }
        }
        guard !paths.isEmpty else {
            throw FileError(
                inputs.first ?? "", "holds no text", remedy: "name a text, or a directory with text"
            )
        }
        (self.paths, skipped) = (paths, files.skipped)
    }

    /// Whether a file of a directory is a text with a byte in it; others are noted as skipped.
    private static func holdsText(
        _ entry: CorpusFiles.Entry, of files: inout CorpusFiles, _ encoding: TextEncoding
    ) throws -> Bool {
        let text = try files.open(entry) {
            try TextInput(InputFile(entry.path), encoding: encoding)
        }
        guard let text else { return false }
        if text.isEmpty { try files.skipLast(entry, .empty) }
        return !text.isEmpty
    }
}
