import CLibrary

/// A name that stands for another path: a symbolic link, or a text file that holds the path where the file system has
/// no symbolic links.
public struct Pointer: Sendable {
    /// The path of the link or text file.
    public let path: String
    /// What a target begins with; a text file is taken for a pointer only if its text begins so.
    public let prefix: String

    /// More bytes than the text of any pointer has.
    private static let longestText = 4096

    /// Names a pointer, which need not be there.
    public init(_ path: String, prefix: String) {
        self.path = path
        self.prefix = prefix
    }

    /// The path that the pointer stands for, relative to its directory; nil where there is no pointer.
    /// - Throws: ``FileError`` when the system cannot say.
    public var target: String? {
        get throws(FileError) {
            if let target = try Files.linkTarget(path) { return target }
            guard try RunFiles.begins(path, with: prefix) else { return nil }
            let bytes = try Files.read(path, atMost: Self.longestText)
            guard let text = String(validating: bytes, as: UTF8.self), text.last == "\n" else {
                return nil
            }
            let name = text.dropFirst(prefix.count).dropLast()
            // Only one name may follow, so that a text from elsewhere leads nowhere else.
            let isName = !name.isEmpty && !name.contains { $0 == "/" || $0 == "\n" } && name != ".."
            return isName ? prefix + name : nil
        }
    }

    /// Makes the pointer stand for `target`, in one step. Anything else of its name is left alone.
    /// - Throws: ``FileError`` when it cannot be made, or something else has its name.
    public func replace(target: String) throws(FileError) {
        try check()
        let temporary = path + AtomicFile.suffix
        try Files.remove(temporary)
        guard symlink(target, temporary) == 0 else {
            guard Self.meansNoLinks(errno) else { throw .system(path, "cannot link") }
            return try AtomicFile.write(Array("\(target)\n".utf8), to: path)
        }
        do {
            try Files.rename(temporary, to: path)
        } catch {
            try? Files.remove(temporary)
            throw error
        }
        try Files.syncDirectory(Paths.parent(path))
    }

    /// Checks that the name is free or that of a pointer.
    /// - Throws: ``FileError`` where the name is taken by something that is no pointer.
    public func check() throws(FileError) {
        guard Paths.mayNameFile(path) else { throw .noFileName(path) }
        guard try target == nil, try Files.kind(path) != nil else { return }
        throw FileError(
            path, "is there and is not a link to a checkpoint", remedy: "move it away")
    }

    /// Whether the error of a failed `symlink` says that the file system has none: FAT, and some over networks.
    private static func meansNoLinks(_ code: Int32) -> Bool {
        code == EPERM || code == ENOSYS || code == ENOTSUP || code == EOPNOTSUPP
    }
}
