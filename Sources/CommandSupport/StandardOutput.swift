import Storage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// The reader of standard output is gone: no error, there is just nobody left to write for.
/// ``ToolCommand/start()`` ends the command quietly.
public struct ClosedPipe: Error {}

/// Standard output without a buffer, so that text appears as it is made.
public enum StandardOutput {
    public static var isTerminal: Bool { isatty(1) == 1 }

    /// - Throws: ``ClosedPipe``, or `FileError` when the bytes cannot be written.
    public static func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in
                #if canImport(Glibc)
                    Glibc.write(1, bytes.baseAddress, bytes.count)
                #elseif canImport(Darwin)
                    Darwin.write(1, bytes.baseAddress, bytes.count)
                #elseif canImport(Musl)
                    Musl.write(1, bytes.baseAddress, bytes.count)
                #endif
            }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EPIPE { throw ClosedPipe() }
                throw FileError(
                    "standard output", "cannot write: \(String(cString: strerror(errno)))",
                    remedy: "check where it goes")
            }
            rest = rest.dropFirst(count)
        }
    }
}
