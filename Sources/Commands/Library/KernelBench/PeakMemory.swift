import CLibrary

/// The most physical memory that this process has held.
enum PeakMemory {
    /// Begins anew, on Linux; elsewhere the peak is that of the process so far.
    static func reset() {
        #if os(Linux)
            let file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
            guard file >= 0 else { return }
            defer { close(file) }
            // 5: the high-water mark, see proc_pid_clear_refs(5). Where it is refused the mark stays.
            _ = write(file, "5", 1)
        #endif
    }

    /// Bytes since the last ``reset()``; nil where the system does not tell.
    static var bytes: Int? {
        #if os(Linux)
            return highWaterMark
        #else
            var usage = rusage()
            return getrusage(RUSAGE_SELF, &usage) == 0 ? Int(usage.ru_maxrss) : nil
        #endif
    }

    /// The line `VmHWM:  1234 kB` of the process's status.
    private static var highWaterMark: Int? {
        guard let file = fopen("/proc/self/status", "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let bytes = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            if words.first == "VmHWM:", words.count == 3 { return Int(words[1]).map { $0 * 1024 } }
        }
        return nil
    }
}
