import CLibrary
import Storage

/// A pattern of the paths of files in a directory, as a shell writes it: `*.txt`, `src/**/*.[ch]`.
///
/// `*` stands for any characters of a name, `?` for one byte, `[...]` for one of several, and `**` between slashes for
/// any number of directories. A pattern without a slash is that of a name, wherever it is; one with a slash is that of
/// the path below the directory.
public struct PathPattern: Equatable, Sendable {
    private static let anyDirectories = "**"

    private let names: [String]

    /// Reads a pattern; nil where it is empty, or names an absolute path.
    public init?(_ text: String) {
        // A slash at the end is that of a directory: `build/`.
        let kept = Paths.parts(Paths.withoutTrailingSlashes(text))
        guard kept.allSatisfy({ !$0.isEmpty }) else { return nil }
        names = kept.count == 1 ? [Self.anyDirectories] + kept : kept
    }

    /// Whether the pattern is that of a path below the directory, given as its names.
    func matches(_ path: ArraySlice<String>) -> Bool { Self.match(names[...], path) }

    private static func match(_ names: ArraySlice<String>, _ path: ArraySlice<String>) -> Bool {
        guard let first = names.first else { return path.isEmpty }
        if first == anyDirectories {
            let rest = names.dropFirst()
            // At the end it stands for all files, so at least one name.
            if rest.isEmpty { return !path.isEmpty }
            return (0...path.count).contains { match(rest, path.dropFirst($0)) }
        }
        guard let name = path.first, fnmatch(first, name, 0) == 0 else { return false }
        return match(names.dropFirst(), path.dropFirst())
    }
}

/// Which files of a directory are wanted.
public struct PathFilter: Sendable {
    /// Only files that one of these matches, or a directory that they lie in, are wanted; all where there is none.
    public var included: [PathPattern]
    /// Files and whole directories that one of these matches are not wanted.
    public var excluded: [PathPattern]

    /// Makes a filter; without patterns it lets everything through.
    public init(included: [PathPattern] = [], excluded: [PathPattern] = []) {
        self.included = included
        self.excluded = excluded
    }

    func excludes(_ path: [String]) -> Bool { excluded.contains { $0.matches(path[...]) } }

    func includes(_ path: [String]) -> Bool {
        included.isEmpty
            || included.contains { pattern in
                path.indices.contains { pattern.matches(path[...$0]) }
            }
    }
}
