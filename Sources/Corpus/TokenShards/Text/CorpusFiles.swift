import Storage

/// The files of a corpus, in order: files as they are named, directories with all that is in them.
///
/// The files of a directory come in the order of the bytes of their paths. Symbolic links to files
/// are read; those to directories inside a directory are not followed, so that no cycle can arise. What
/// a directory holds that is no text by its name or kind (hidden files, broken links, devices, token
/// shards) is skipped and counted; what is named is never skipped.
/// Memory: the names of one directory for each level of depth.
struct CorpusFiles {
    /// A file to read.
    struct Entry: Equatable {
        let path: String
        /// Whether it was named as an input, not found in a directory.
        let isNamed: Bool
    }

    /// A directory whose names are being gone through, the next one last.
    private struct Level {
        let path: String
        /// The names that lead to it from the input directory.
        let relative: [String]
        var names: [String]
    }

    /// The input directory that is being read, and what came of its files.
    private struct Progress {
        let directory: String
        var read = 0
        var skipped = FileTally()
    }

    /// Everything that was skipped.
    private(set) var skipped = FileTally()
    private var inputs: ArraySlice<String>
    private var levels: [Level] = []
    private var progress: Progress?
    private let excluded: FileIdentity?
    private let isStrict: Bool
    private let filter: PathFilter

    /// Begins with the first input. `excluded` is a directory that is passed over: the one that is being written. With
    /// `isStrict` anything that would be skipped is an error, but for what `filter` leaves out of directories.
    /// - Throws: `FileError` where an input does not exist, or is the excluded directory or one of shards.
    init(
        _ inputs: [String], excluding excluded: String?, isStrict: Bool = false,
        filter: PathFilter = PathFilter()
    ) throws(FileError) {
        self.filter = filter
        self.inputs = inputs[...]
        self.isStrict = isStrict
        self.excluded = if let excluded { try FileIdentity(excluded) } else { nil }
        for input in inputs where input != InputFile.standardName {
            guard try Files.kind(input) != nil else {
                throw FileError(input, "cannot be found", remedy: "check the path")
            }
            if let excluded = self.excluded, try FileIdentity(input) == excluded {
                throw FileError(
                    input, "is both an input and the output",
                    remedy: "choose another output directory")
            }
            guard try !ShardIndex.isHeld(by: input) else {
                throw FileError(
                    input, "is a directory of token shards, not of text",
                    remedy:
                        "name the text that they were made from; evaluate reads shards with --data")
            }
        }
    }

    /// The next file, or nil after the last.
    /// - Throws: `FileError`, also where nothing but skipped files is in an input directory.
    mutating func next() throws -> Entry? {
        while true {
            if var level = levels.popLast() {
                guard let name = level.names.popLast() else { continue }
                levels.append(level)
                let path = Paths.join(level.path, name)
                guard try enter(path, level.relative + [name]) else { continue }
                progress?.read += 1
                return Entry(path: path, isNamed: false)
            }
            try endInput()
            guard let input = inputs.popFirst() else { return nil }
            guard input != InputFile.standardName, try Files.kind(input) == .directory else {
                return Entry(path: input, isNamed: true)
            }
            progress = Progress(directory: input)
            levels.append(try Self.level(input, []))
        }
    }

    /// Opens the file that ``next()`` gave last; nil for one of a directory that is to be skipped.
    mutating func open<Opened>(_ entry: Entry, by open: () throws -> Opened) throws -> Opened? {
        let reason: SkipReason
        do {
            return try open()
        } catch let error as TextError where !entry.isNamed {
            reason = .noText(error)
        } catch let error as FileError where !entry.isNamed {
            guard let denied = SkipReason(error) else { throw error }
            reason = denied
        }
        try skipLast(entry, reason)
        return nil
    }

    /// Notes that the file that ``next()`` gave last is none to read after all.
    mutating func skipLast(_ entry: Entry, _ reason: SkipReason) throws {
        progress?.read -= 1
        try skip(entry.path, reason)
    }

    private mutating func skip(_ path: String, _ reason: SkipReason) throws {
        guard !isStrict || reason.isWanted else { throw reason.asError(path) }
        skipped.add(path, reason.label)
        progress?.skipped.add(path, reason.label)
    }

    /// Whether `path`, found in a directory, is a file to read; a directory is opened.
    private mutating func enter(_ path: String, _ relative: [String]) throws -> Bool {
        if filter.excludes(relative) {
            try skip(path, .excluded)
            return false
        }
        switch try find(path, relative) {
        case .file where !filter.includes(relative): try skip(path, .notIncluded)
        case .file: return true
        case .directory(let level): levels.append(level)
        case .output: break
        case .skipped(let reason): try skip(path, reason)
        }
        return false
    }

    /// What something in a directory is.
    private enum Found {
        case file
        case directory(Level)
        /// The excluded directory.
        case output
        case skipped(SkipReason)
    }

    private func find(_ path: String, _ relative: [String]) throws(FileError) -> Found {
        if Paths.name(path).utf8.first == UInt8(ascii: ".") { return .skipped(.hidden) }
        do throws(FileError) {
            switch try Files.kind(path) {
            case .file: return .file
            case .other: return .skipped(.device)  // reading it might never end
            case .directory: break
            case nil: return .skipped(try Files.linkTarget(path) == nil ? .unreadable : .brokenLink)
            }
            if let excluded, try FileIdentity(path) == excluded { return .output }
            if try Files.linkTarget(path) != nil { return .skipped(.directoryLink) }
            if try ShardIndex.isHeld(by: path) { return .skipped(.shards) }
            return .directory(try Self.level(path, relative))
        } catch {
            guard let reason = SkipReason(error) else { throw error }
            return .skipped(reason)
        }
    }

    private mutating func endInput() throws(FileError) {
        guard let ended = progress else { return }
        progress = nil
        guard ended.read > 0 || ended.skipped.count == 0 else {
            throw FileError(
                ended.directory, "holds no text: all in it was skipped (\(ended.skipped.byKind))",
                remedy: "name a directory with text, or a skipped file to see what is wrong with it"
            )
        }
    }

    private static func level(
        _ directory: String, _ relative: [String]
    ) throws(FileError) -> Level {
        // A directory's name is compared with the slash that follows it in the paths of its files.
        let keys = try Files.list(directory).map { name in
            // What cannot be looked at is told of when its turn comes.
            let isDirectory = (try? Files.kind(Paths.join(directory, name))) == .directory
            return (key: isDirectory ? name + "/" : name, name: name)
        }
        let sorted = keys.sorted { $1.key.utf8.lexicographicallyPrecedes($0.key.utf8) }
        return Level(path: directory, relative: relative, names: sorted.map(\.name))
    }
}

extension CorpusFiles.Entry {
    /// The file's size; nil where it has none (standard input, a pipe).
    var size: Int? {
        get throws(FileError) {
            guard path != InputFile.standardName else { return nil }
            return try Files.size(path)
        }
    }
}
