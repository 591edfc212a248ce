import Diagnostics

/// A journal that is not as its format says: which record, where in the file, and what to do.
///
/// A failing disk gives a `FileError` instead, so that a read error is never taken for a torn end.
public struct JournalError: UserError, Equatable {
    public let path: String
    /// First byte of the header or record that is wrong.
    public let byte: Int
    /// Steps in the records before it.
    public let step: Int
    public let finding: String
    public let remedy: String
    /// Whether the journal is sound, and of a version of the format that this program does not read.
    public let isOfOtherVersion: Bool

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
