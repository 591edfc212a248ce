import CLibrary
import Diagnostics
import Storage

/// The reader of standard output is gone: no error, there is just nobody left to write for.
/// ``ToolCommand/start()`` ends the command quietly.
struct ClosedPipe: Error {}

/// Standard output without a buffer, so that text appears as it is made.
enum StandardOutput {
    static var isTerminal: Bool { isatty(1) == 1 }

    /// - Throws: ``ClosedPipe``, or `FileError` when the bytes cannot be written.
    static func write(_ bytes: [UInt8]) throws {
        let code = bytes.withUnsafeBytes { writeWhole($0, to: 1) }
        if code == EPIPE { throw ClosedPipe() }
        guard code == 0 else {
            throw FileError(
                "standard output", "cannot write: \(String(cString: strerror(code)))",
                remedy: "check where it goes")
        }
    }
}
