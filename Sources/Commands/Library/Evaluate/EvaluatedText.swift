import Storage
import TokenShards

/// The text that the flags name.
enum EvaluatedText {
    /// Files and directories, at least one.
    case inputs([String])
    /// Nil streams: as many as fit the split.
    case split(directory: String, Split, streams: Int?)

    private static let streamRange = 1...65_536

    init(_ flags: EvaluateCommand) throws {
        try EvaluateLimits.check(flags)
        switch (flags.input, flags.data) {
        case (let paths, nil) where !paths.isEmpty:
            guard flags.split == nil else {
                throw UsageError(
                    flag: "--split", finding: "does not go with --input", remedy: "leave it out")
            }
            guard (flags.streams ?? 1) == 1 else {
                throw UsageError(
                    flag: "--streams", finding: "an --input is read as one stream",
                    remedy: "leave it out or use 1")
            }
            self = .inputs(paths)
        case ([], let directory?):
            guard directory != InputFile.standardName else {
                throw UsageError(
                    flag: "--data",
                    finding: "shards are several files, and cannot come from standard input",
                    remedy: "name their directory, or pass --input - for a text")
            }
            self = .split(
                directory: directory, try Self.split(flags.split), streams: try Self.streams(flags))
        case (_, nil):
            throw UsageError(
                flag: "--input", finding: "neither it nor --data is given",
                remedy: "name a text or a directory of shards")
        case (_, _?):
            throw UsageError(
                flag: "--input", finding: "cannot be used together with --data",
                remedy: "pass one of them")
        }
    }

    private static func split(_ name: String?) throws(UsageError) -> Split {
        guard let name else { return .validation }
        guard let split = Split(rawValue: name) else {
            let known = Split.allCases.map(\.rawValue).joined(separator: " or ")
            throw UsageError(
                flag: "--split", finding: "'\(name)' is not a split", remedy: "use \(known)")
        }
        return split
    }

    private static func streams(_ flags: EvaluateCommand) throws(UsageError) -> Int? {
        guard let streams = flags.streams else { return flags.perToken == nil ? nil : 1 }
        guard flags.perToken == nil || streams == 1 else {
            throw UsageError(
                flag: "--per-token", finding: "needs the text in order, as one stream",
                remedy: "leave out --streams")
        }
        return try requireRange(streams, streamRange, flag: "--streams")
    }

    /// Streams long enough that their start from an empty state does not matter.
    static func defaultStreams(tokens: Int) -> Int {
        min(64, max(1, tokens / 4096))
    }
}
