import CLibrary
import Diagnostics

/// The end of a named pipe that is written to.
public final class PipeWriter: Sendable {
    private let descriptor: Int32

    /// Waits until a reader has come; nil where there is no such pipe.
    public init?(_ path: String) {
        descriptor = open(path, O_WRONLY | O_CLOEXEC)
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    /// Writes all bytes, unless the reader goes.
    public func write(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes { writeWhole($0, to: descriptor) }
    }
}
