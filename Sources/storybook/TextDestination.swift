import Storage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// Where the text goes: a file that appears whole or not at all, or standard output as it is made.
enum TextDestination {
    case file(AtomicFile)
    case standardOutput

    init(_ path: String) throws(FileError) {
        self = path == "-" ? .standardOutput : .file(try AtomicFile(path))
    }

    func write(_ bytes: [UInt8]) throws(FileError) {
        switch self {
        case .file(let file): try file.write(bytes)
        case .standardOutput: try Self.writeToStandardOutput(bytes)
        }
    }

    func commit() throws(FileError) {
        if case .file(let file) = self { try file.commit() }
    }

    private static func writeToStandardOutput(_ bytes: [UInt8]) throws(FileError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { buffer in
                #if canImport(Glibc)
                    Glibc.write(1, buffer.baseAddress, buffer.count)
                #elseif canImport(Darwin)
                    Darwin.write(1, buffer.baseAddress, buffer.count)
                #elseif canImport(Musl)
                    Musl.write(1, buffer.baseAddress, buffer.count)
                #endif
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                throw FileError(
                    "standard output", "cannot write: \(String(cString: strerror(errno)))",
                    remedy: "check the program that reads it, or name a file with --output")
            }
            rest = rest.dropFirst(count)
        }
    }
}
