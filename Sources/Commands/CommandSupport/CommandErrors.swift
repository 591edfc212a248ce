import ArgumentParser
import Diagnostics

/// A flag whose value cannot be used. Printed like every other error, exit code 64.
public struct UsageError: UserError {
    public let location: String
    public let finding: String
    public let remedy: String

    public init(flag: String, finding: String, remedy: String) {
        self.location = flag
        self.finding = finding
        self.remedy = remedy
    }
}
