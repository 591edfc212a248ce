import ArgumentParser
import Diagnostics

/// A flag whose value cannot be used. Printed like every other error, exit code 64.
struct UsageError: UserError {
    let location: String
    let finding: String
    let remedy: String

    init(flag: String, finding: String, remedy: String) {
        self.location = flag
        self.finding = finding
        self.remedy = remedy
    }
}
