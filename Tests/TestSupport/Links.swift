import Storage

extension Files {
    /// Makes `path` a symbolic link to `target`, replacing an earlier link.
    public static func replaceLink(_ path: String, target: String) throws {
        try Pointer(path, prefix: "").replace(target: target)
    }
}
