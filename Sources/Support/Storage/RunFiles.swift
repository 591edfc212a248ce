/// The names of what `pretrain` writes into a run directory, and how such a directory is told from others.
///
/// A directory is a run by the content of these files, not by their names: a user's own `config.yaml` makes none.
public enum RunFiles {
    /// The resolved config.
    public static let config = "config.yaml"
    /// The log, one JSON object a line.
    public static let metrics = "metrics.jsonl"
    /// The log once more, as TensorBoard reads it; it finds such files by the last word of the name.
    public static let events = "events.out.tfevents"
    /// Where the run was trained, one JSON object a line.
    public static let machines = "machines.jsonl"
    /// The journal.
    public static let journal = "journal.egg"
    /// The directory of checkpoints.
    public static let checkpoints = "checkpoints"
    /// The pointer to the newest checkpoint; see ``pointer(_:in:)``.
    public static let latest = "latest"
    /// The pointer to the best checkpoint.
    public static let best = "best"

    /// The first line of a config that `pretrain` wrote.
    public static let configOpening = "# The config of this run with every default filled in.\n"
    /// The first bytes of a journal.
    public static let journalOpening = "EGGJRNL\n"

    /// Whether `pretrain` has begun a run in `directory`.
    /// - Throws: ``FileError`` when the system cannot say.
    public static func isRun(_ directory: String) throws(FileError) -> Bool {
        if try begins(Paths.join(directory, config), with: configOpening) { return true }
        return try begins(Paths.join(directory, journal), with: journalOpening)
    }

    /// The pointer of that name in a run directory: it stands for one of the checkpoints.
    public static func pointer(_ name: String, in directory: String) -> Pointer {
        Pointer(Paths.join(directory, name), prefix: checkpoints + "/")
    }

    /// Whether `path` is a file that begins with `opening`.
    /// - Throws: ``FileError`` when the file is there and cannot be read.
    public static func begins(
        _ path: String, with opening: String
    ) throws(FileError) -> Bool {
        guard try Files.kind(path) == .file else { return false }
        var bytes = [UInt8](repeating: 0, count: opening.utf8.count)
        let count = try InputFile(path).read(into: &bytes, at: 0)
        return count == bytes.count && bytes.elementsEqual(opening.utf8)
    }
}
