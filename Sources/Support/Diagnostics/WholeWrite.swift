import CLibrary

/// Writes all bytes to a descriptor, going on where the system took only some of them.
/// - Returns: 0, or the system's error number of the write that failed.
package func writeWhole(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
    var rest = bytes
    while let base = rest.baseAddress, !rest.isEmpty {
        let count = write(descriptor, base, rest.count)
        if count < 0 {
            if errno == EINTR { continue }
            return errno
        }
        // The system took nothing and gave no error: to try again might never end.
        if count == 0 { return EIO }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    return 0
}
