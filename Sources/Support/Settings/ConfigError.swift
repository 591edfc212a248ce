import Diagnostics

/// A run config that cannot be used.
public struct ConfigError: UserError, Equatable {
    /// The place: `file.yaml:LINE:COLUMN` or `--set KEY=VALUE`.
    public let location: String
    /// Whether an override is wrong, and not the file.
    public var isOverride: Bool { location.hasPrefix(Self.overridePrefix) }
    /// What was found there.
    public let finding: String
    /// What to do about it.
    public let remedy: String

    package static let overridePrefix = "--set "

    /// Makes an error at a place of a config.
    public init(_ location: String, _ finding: String, remedy: String) {
        self.location = location
        self.finding = finding
        self.remedy = remedy
    }
}
