import Storage

/// Why a file or directory inside an input directory is not read.
enum SkipReason {
    case hidden, brokenLink, directoryLink, device, unreadable, shards, empty
    /// A pattern of the user says so.
    case excluded, notIncluded
    case noText(TextError)

    /// The reason that an error of looking at a path gives; nil where it is a fault that must not be passed over.
    init?(_ error: FileError) {
        if error.isLinkCycle {
            self = .brokenLink
        } else if error.isDenied || error.isMissing {
            self = .unreadable
        } else {
            return nil
        }
    }

    /// The reason in a word or two, for a list.
    var label: String {
        switch self {
        case .hidden: "hidden"
        case .brokenLink: "broken link"
        case .directoryLink: "link to a directory"
        case .device: "pipe or device"
        case .unreadable: "unreadable"
        case .shards: "directory of shards"
        case .empty: "empty"
        case .excluded: "excluded"
        case .notIncluded: "not included"
        case .noText(let error): error.label
        }
    }

    /// Whether the user asked for it.
    var isWanted: Bool {
        switch self {
        case .excluded, .notIncluded: true
        default: false
        }
    }

    /// The error that it is where nothing may be skipped.
    func asError(_ path: String) -> any Error {
        let finding: String
        switch self {
        case .noText(let error): return error
        case .hidden: finding = "is hidden, and would be skipped"
        case .brokenLink: finding = "is a link that leads nowhere"
        case .directoryLink: finding = "is a link to a directory, which would be skipped"
        case .device: finding = "is a pipe or a device, which would be skipped"
        case .unreadable: finding = "cannot be read"
        case .shards: finding = "is a directory of token shards, which would be skipped"
        case .empty: finding = "is empty"
        case .excluded: finding = "is excluded"
        case .notIncluded: finding = "is not included"
        }
        return FileError(path, finding, remedy: "move it away, or leave out --strict")
    }
}
