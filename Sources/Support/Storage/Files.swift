import CLibrary

/// What a path names.
public enum FileKind: Sendable {
    /// A regular file, a directory, or anything else, such as a pipe or a device.
    case file, directory, other
}

/// Does small operations on whole files and directories. All follow symbolic links unless they say otherwise.
public enum Files {
    /// What `path` names, or nil where there is nothing of that name.
    ///
    /// Only a name that does not exist is missing: a file that a failing disk, a stale mount or a permission hides
    /// may be there, and whoever took it for missing would replace it.
    /// - Throws: ``FileError`` when the system cannot say.
    public static func kind(_ path: String) throws(FileError) -> FileKind? {
        guard let status = try status(path) else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        default: return .other
        }
    }

    /// The size of a file in bytes, following links; nil for what has none, such as a pipe.
    /// - Throws: ``FileError`` when the system cannot say.
    public static func size(_ path: String) throws(FileError) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .system(path, "cannot look at it") }
        return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
    }

    /// What the system says of a path, links followed; nil where there is nothing of that name.
    static func status(_ path: String) throws(FileError) -> stat? {
        var status = stat()
        if stat(path, &status) == 0 { return status }
        if isMissing(errno) { return nil }
        throw .system(path, "cannot look at it")
    }

    /// Whether a system's error says that there is no such name.
    static func isMissing(_ code: Int32) -> Bool { code == ENOENT || code == ENOTDIR }

    /// The whole content of a file.
    /// - Throws: ``FileError`` when it cannot be read or holds more than `limit` bytes.
    public static func read(_ path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
        try read(InputFile(path), atMost: limit)
    }

    /// The whole content of a file that was not read yet, or of standard input.
    /// - Throws: ``FileError`` when it cannot be read or holds more than `limit` bytes.
    public static func read(_ file: InputFile, atMost limit: Int) throws(FileError) -> [UInt8] {
        // Files of the kernel (/proc) hold text but say that their size is 0.
        guard let size = file.size, size > 0 else { return try readToEnd(file, atMost: limit) }
        guard size <= limit else { throw tooLarge(file.path, limit) }
        var bytes = [UInt8](repeating: 0, count: size)
        let count = try file.read(into: &bytes, at: 0)
        bytes.removeLast(size - count)
        return bytes
    }

    private static func readToEnd(
        _ file: InputFile, atMost limit: Int
    ) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try file.readNext(into: &chunk)
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else { throw tooLarge(file.path, limit) }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    private static func tooLarge(_ path: String, _ limit: Int) -> FileError {
        FileError(path, "larger than the \(limit) bytes allowed", remedy: "check the path")
    }

    /// The names in a directory, sorted by their bytes, without `.` and `..`.
    /// - Throws: ``FileError`` when the directory cannot be read, or a name is not UTF-8: as text it could not be
    ///   opened again.
    public static func list(_ path: String) throws(FileError) -> [String] {
        guard let directory = opendir(path) else { throw .system(path, "cannot list") }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0  // nil means the end or an error; only errno tells them apart
            guard let entry = readdir(directory) else { break }
            let text = withUnsafeBytes(of: &entry.pointee.d_name) { name in
                String(validating: name.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let name = text else {
                throw FileError(
                    path, "holds a name that is not valid UTF-8", remedy: "rename that file")
            }
            if name != "." && name != ".." { names.append(name) }
        }
        if errno != 0 { throw .system(path, "cannot list") }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Makes a directory and those above it that are missing.
    /// - Throws: ``FileError`` when one cannot be made.
    public static func createDirectory(_ path: String) throws(FileError) {
        if try kind(path) == .directory { return }
        let parent = Paths.parent(path)
        if parent != path, try kind(parent) == nil { try createDirectory(parent) }
        if mkdir(path, 0o777) != 0 && errno != EEXIST { throw .system(path, "cannot create") }
        guard try kind(path) == .directory else {
            throw FileError(path, "is not a directory", remedy: "choose another path")
        }
        // A parent that may not be listed cannot be synced; the directory is there all the same.
        try? syncDirectory(parent)
    }

    /// Makes a directory that is not there yet, in one that is.
    /// - Throws: ``FileError`` when it cannot be made, also where there is something of that name.
    public static func createNewDirectory(_ path: String) throws(FileError) {
        if mkdir(path, 0o777) != 0 { throw .system(path, "cannot create") }
    }

    /// Removes a file; nothing happens where there is none.
    /// - Throws: ``FileError`` when it cannot be removed.
    public static func remove(_ path: String) throws(FileError) {
        if unlink(path) != 0 && !isMissing(errno) { throw .system(path, "cannot remove") }
    }

    /// Removes a directory if it holds nothing; otherwise nothing happens.
    /// - Throws: ``FileError`` when it cannot be removed.
    public static func removeEmptyDirectory(_ path: String) throws(FileError) {
        if rmdir(path) != 0 && errno != ENOTEMPTY && errno != EEXIST && errno != ENOENT {
            throw .system(path, "cannot remove")
        }
    }

    /// Removes a directory with all it holds; nothing happens where there is none. Symbolic links are
    /// removed, never followed.
    /// - Throws: ``FileError`` when something cannot be removed.
    public static func removeTree(_ path: String) throws(FileError) {
        // With a slash at its end, the system would follow a link.
        let path = Paths.withoutTrailingSlashes(path)
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw .system(path, "cannot remove")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return try remove(path) }
        for name in try list(path) { try removeTree(Paths.join(path, name)) }
        if rmdir(path) != 0 { throw .system(path, "cannot remove") }
    }

    /// Renames a file or directory, replacing a file of the new name in one step.
    /// - Throws: ``FileError`` when it cannot be renamed.
    public static func rename(_ old: String, to new: String) throws(FileError) {
        if CLibrary.rename(old, new) != 0 { throw .system(new, "cannot rename '\(old)' to it") }
    }

    /// Makes the entries of a directory durable.
    /// - Throws: ``FileError`` when the system cannot do so.
    public static func syncDirectory(_ path: String) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(path, "cannot open") }
        defer { close(descriptor) }
        // Some file systems refuse to sync a directory, because they have no need to.
        if synchronize(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP {
            throw .system(path, "cannot sync")
        }
    }

    /// Calls `fsync`, again where a signal interrupted it.
    static func synchronize(_ descriptor: Int32) -> Int32 {
        while true {
            let result = fsync(descriptor)
            if result == 0 || errno != EINTR { return result }
        }
    }

    /// The target of a symbolic link, or nil where `path` is none.
    /// - Throws: ``FileError`` when the system cannot say.
    public static func linkTarget(_ path: String) throws(FileError) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                characters.baseAddress.map { readlink(path, $0, characters.count) } ?? -1
            }
        }
        guard count >= 0 else {
            if errno == EINVAL || isMissing(errno) { return nil }
            throw .system(path, "cannot look at it")
        }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
}
