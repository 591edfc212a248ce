import Diagnostics
import TokenShards

/// The line of standard error about what commands skip in directories of texts.
enum SkippedEntries {
    /// Nil where nothing was skipped.
    static func line(_ files: FileTally) -> String? {
        guard files.count > 0 else { return nil }
        return
            "skipped \(files.count.counted("entry", plural: "entries")): \(files.byKind) (\(files.names))"
    }
}
