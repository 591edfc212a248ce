import CLibrary

/// The descriptors 0, 1 and 2 that every process is expected to have.
enum StandardDescriptors {
    /// Opens /dev/null in the place of each that is missing (`2>&-` in a shell).
    ///
    /// Otherwise the next files that a command opens would get their numbers, and messages would be written into data.
    /// Call this before anything else is opened.
    static func openMissing() {
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
            // A process gets the lowest number that is free, which is this one.
            let opened = open("/dev/null", O_RDWR)
            if opened != descriptor && opened >= 0 { close(opened) }
        }
    }
}
