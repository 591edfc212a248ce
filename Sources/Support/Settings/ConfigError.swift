import Diagnostics

/// A run config that cannot be used.
public struct ConfigError: UserError, Equatable {
    /// `file.yaml:LINE:COLUMN` or `--set KEY=VALUE`.
    public let location: String
    /// Whether an override is wrong, not the file.
    public var isOverride: Bool { location.hasPrefix(Self.overridePrefix) }
    public let finding: String
    public let remedy: String

    package static let overridePrefix = "--set "

    /// An error at a place of a config.
    public init(_ location: String, _ finding: String, remedy: String) {
        self.location = location
        self.finding = finding
        self.remedy = remedy
    }
}
