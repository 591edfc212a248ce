/// Joins and splits the texts of paths.
///
/// It looks at bytes, as the system does: to a `Character` a slash before a combining mark is no slash.
public enum Paths {
    private static let slash = UInt8(ascii: "/")

    /// The path of a name in a directory: `a` and `b` give `a/b`; a slash at the end of the
    /// directory is not doubled.
    public static func join(_ directory: String, _ name: String) -> String {
        directory.utf8.last == slash ? directory + name : directory + "/" + name
    }

    /// The directory that holds `path`: `a/b` gives `a`, `b` gives `.`, `/b` gives `/`.
    public static func parent(_ path: String) -> String {
        let trimmed = withoutTrailingSlashes(path)
        guard let last = trimmed.utf8.lastIndex(of: slash) else { return "." }
        return last == trimmed.startIndex ? "/" : String(trimmed[..<last])
    }

    /// The last part of `path`: `a/b` gives `b`.
    public static func name(_ path: String) -> String {
        path.utf8.split(separator: slash).last.map { String(Substring($0)) } ?? path
    }

    /// The names in `path`, between its slashes; some are empty where slashes begin it or follow each other.
    public static func parts(_ path: String) -> [String] {
        path.utf8.split(separator: slash, omittingEmptySubsequences: false).map {
            String(Substring($0))
        }
    }

    /// The path without slashes at its end: `a//` gives `a`; `/` stays.
    public static func withoutTrailingSlashes(_ path: String) -> String {
        var bytes = path.utf8[...]
        while bytes.count > 1 && bytes.last == slash { bytes.removeLast() }
        return String(Substring(bytes))
    }

    /// Whether `path` could name a file: it is not empty and its last part is no directory by form.
    static func mayNameFile(_ path: String) -> Bool {
        !path.isEmpty && path.utf8.last != slash
    }
}
