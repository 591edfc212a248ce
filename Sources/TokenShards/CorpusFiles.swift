import Storage

/// The files of a corpus, in order: files as they are named, directories with all that is in them.
///
/// The files of a directory come in the order of the bytes of their paths. Symbolic links to files
/// are read; those to directories inside a directory are not followed, so that no cycle can arise.
/// Memory: the names of one directory for each level of depth.
struct CorpusFiles {
    /// What names standard input.
    static let standardInput = "-"

    /// A directory whose names are being gone through, the next one last.
    private struct Level {
        let path: String
        var names: [String]
    }

    private var inputs: ArraySlice<String>
    private var levels: [Level] = []
    private let excluded: FileIdentity?

    /// - Parameter excluded: A directory that is passed over: the one that is being written.
    /// - Throws: `FileError` where an input does not exist or is the excluded directory.
    init(_ inputs: [String], excluding excluded: String?) throws(FileError) {
        self.inputs = inputs[...]
        self.excluded = if let excluded { try FileIdentity(excluded) } else { nil }
        for input in inputs where input != Self.standardInput {
            guard try Files.kind(input) != nil else {
                throw FileError(input, "cannot be found", remedy: "check the path")
            }
            if let excluded = self.excluded, try FileIdentity(input) == excluded {
                throw FileError(
                    input, "is both an input and the output",
                    remedy: "choose another output directory")
            }
        }
    }

    /// The path of the next file, ``standardInput``, or nil after the last.
    mutating func next() throws(FileError) -> String? {
        while true {
            if var level = levels.popLast() {
                guard let name = level.names.popLast() else { continue }
                levels.append(level)
                if let file = try enter(Paths.join(level.path, name)) { return file }
            } else if let input = inputs.popFirst() {
                guard input != Self.standardInput, try Files.kind(input) == .directory else {
                    return input
                }
                try open(input)
            } else {
                return nil
            }
        }
    }

    /// Returns `path`, found in a directory, if it is a file; a directory is opened.
    private mutating func enter(_ path: String) throws(FileError) -> String? {
        switch try Files.kind(path) {
        case .file: return path
        case .directory:
            if let excluded, try FileIdentity(path) == excluded { return nil }
            if try Files.linkTarget(path) == nil { try open(path) }
            return nil
        case .other: return nil  // a pipe or a device: reading it might never end
        case nil:
            throw FileError(
                path, "cannot be opened",
                remedy: "remove it if it is a broken link, or its directory from the inputs")
        }
    }

    private mutating func open(_ directory: String) throws(FileError) {
        // A directory's name is compared with the slash that follows it in the paths of its files.
        let keys = try Files.list(directory).map { name throws(FileError) in
            let isDirectory = try Files.kind(Paths.join(directory, name)) == .directory
            return (key: isDirectory ? name + "/" : name, name: name)
        }
        let sorted = keys.sorted { $1.key.utf8.lexicographicallyPrecedes($0.key.utf8) }
        levels.append(Level(path: directory, names: sorted.map(\.name)))
    }

    /// The sizes of all files together, or nil where one has none (a pipe, standard input).
    static func totalBytes(_ inputs: [String], excluding excluded: String?) throws(FileError)
        -> Int?
    {
        var files = try CorpusFiles(inputs, excluding: excluded)
        var total = 0
        while let path = try files.next() {
            guard path != standardInput, try Files.kind(path) == .file,
                let size = try InputFile(path).size
            else { return nil }
            total += size
        }
        return total
    }
}
