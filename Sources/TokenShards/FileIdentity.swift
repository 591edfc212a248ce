#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// What makes two paths the same file or directory: its device and its number there.
struct FileIdentity: Equatable {
    private let device: dev_t
    private let number: ino_t

    /// Nil where `path` names nothing.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = status.st_dev
        number = status.st_ino
    }
}
