import CLibrary

extension Files {
    /// The absolute path of `path` without symbolic links; parts that do not exist yet stay as they are.
    ///
    /// Worked example: with a link `a` to `/b`, and nothing in `/b`, `a/c/../d` gives `/b/d`.
    /// - Throws: ``FileError`` when the system cannot say.
    public static func resolved(_ path: String) throws(FileError) -> String {
        if let real = realpath(path, nil) {
            defer { free(real) }
            return String(cString: real)
        }
        let parent = Paths.parent(path)
        guard isMissing(errno), parent != path else { throw .system(path, "cannot look at it") }
        let above = try resolved(parent)
        switch Paths.name(path) {
        case ".": return above
        case "..": return Paths.parent(above)
        case let name: return Paths.join(above, name)
        }
    }
}
