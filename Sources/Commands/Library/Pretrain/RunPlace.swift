import Storage

/// The config and the directory of a run, as the flags say together.
struct RunPlace {
    let config: String
    let directory: String

    /// - Parameter resume: the directory of `--resume`, empty where the flag has none; nil without the flag.
    /// - Throws: `UsageError` where the flags do not say both, or say two directories.
    init(config: String?, output: String?, resume: String?) throws(UsageError) {
        for (flag, path) in [("--config", config), ("--output", output)] {
            guard path?.isEmpty != true else {
                throw UsageError(
                    flag: flag, finding: "the path is empty", remedy: "name a file or directory")
            }
        }
        let named = resume.flatMap { $0.isEmpty ? nil : $0 }
        if let named, let output, named != output {
            throw UsageError(
                flag: "--resume", finding: "names \(named), and --output names \(output)",
                remedy: "leave out --output")
        }
        if let directory = named ?? (resume == nil ? nil : output) {
            self.directory = directory
            self.config = config ?? Paths.join(directory, RunFiles.config)
        } else if let config {
            directory = output ?? Self.defaultDirectory(config)
            self.config = config
        } else {
            throw UsageError(
                flag: "--config", finding: "is not given",
                remedy: "name the config of a new run, or continue one with --resume DIR")
        }
    }

    /// `runs/quickstart` for `Configs/quickstart.yaml`.
    private static func defaultDirectory(_ config: String) -> String {
        let name = Paths.name(config)
        let stem = name.split(separator: ".").dropLast().joined(separator: ".")
        return "runs/" + (stem.isEmpty ? name : stem)
    }
}
