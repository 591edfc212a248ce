import CLibrary
import Diagnostics

/// Writes `error: MESSAGE` to standard error, as one line: control characters out of names and values
/// are escaped.
func printError(_ message: String) { printMessage("error", message) }

/// Writes `warning: MESSAGE` to standard error, as ``printError(_:)`` does.
func printWarning(_ message: String) { printMessage("warning", message) }

private func printMessage(_ kind: String, _ message: String) {
    writeToStandardError("\(kind): \(message.asPlainLine)\n")
}

/// Writes text to standard error as it is.
func writeToStandardError(_ text: String) {
    _ = Array(text.utf8).withUnsafeBytes { writeWhole($0, to: 2) }
}

/// Whether standard input is a terminal, so that somebody types it.
var standardInputIsTerminal: Bool { isatty(0) == 1 }

/// Whether standard error is a terminal, so that somebody reads it now.
var standardErrorIsTerminal: Bool { isatty(2) == 1 }
