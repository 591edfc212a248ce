import ArgumentParser
import TokenShards

/// The flags that choose among the files of directories.
struct PatternOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Read only files of a directory that this pattern matches; may be given several times. Without a slash it "
                + "matches names, as *.txt does; with one, paths below the directory, where ** is any number of "
                + "directories.",
            valueName: "glob"))
    var include: [String] = []

    @Option(
        help: ArgumentHelp(
            "Skip files and directories in a directory that this pattern matches; may be given several times.",
            valueName: "glob"))
    var exclude: [String] = []

    init() {}

    /// - Throws: `UsageError` naming a pattern that is none.
    func filter() throws(UsageError) -> PathFilter {
        PathFilter(
            included: try Self.patterns(include, flag: "--include"),
            excluded: try Self.patterns(exclude, flag: "--exclude"))
    }

    private static func patterns(
        _ texts: [String], flag: String
    ) throws(UsageError) -> [PathPattern] {
        try texts.map { text throws(UsageError) in
            guard let pattern = PathPattern(text) else {
                throw UsageError(
                    flag: flag, finding: "'\(text)' is no pattern of paths below a directory",
                    remedy: "give a pattern such as *.txt or drafts/**")
            }
            return pattern
        }
    }
}
