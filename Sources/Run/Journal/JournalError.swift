import Diagnostics

/// A journal that is not as its format says: which record, where in the file, and what to do.
///
/// A failing disk gives a `FileError` instead, so that a read error is never taken for a torn end.
public struct JournalError: UserError, Equatable {
    /// The journal's file.
    public let path: String
    /// The first byte of the header or record that is wrong.
    public let byte: Int
    /// The steps in the records before it.
    public let step: Int
    /// What was found there.
    public let finding: String
    /// What to do about it.
    public let remedy: String
    /// Whether the journal is sound, and of a version of the format that this program does not read.
    public let isOfOtherVersion: Bool

    /// The file and the byte in it.
    public var location: String { "\(path): byte \(byte)" }

    static let restore = "restore the journal from a copy; what comes before this byte is sound"

    init(
        _ path: String, byte: Int, step: Int, _ finding: String,
        remedy: String = JournalError.restore, isOfOtherVersion: Bool = false
    ) {
        self.isOfOtherVersion = isOfOtherVersion
        self.path = path
        self.byte = byte
        self.step = step
        self.finding = finding
        self.remedy = remedy
    }
}
