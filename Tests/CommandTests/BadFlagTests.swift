import Storage
import Testing

/// Flags that `pretrain` must refuse, and runs that it must not touch.
@Suite struct BadFlagTests {
    @Test(arguments: flags + outputs + resumes)
    func isRefused(_ input: BadInput) throws { try input.check() }

    @Test(arguments: BuiltCommand.single)
    func everyCommandRefusesAnUnknownFlag(_ command: BuiltCommand) throws {
        let result = try Workspace().run(command, command.neededFlags + ["--no-such-flag"])
        expectError(
            result, code: 64, ["\(command.rawValue): ", "--no-such-flag", "--help"])
    }

    @Test(arguments: BuiltCommand.single)
    func everyCommandHelps(_ command: BuiltCommand) throws {
        let workspace = try Workspace()
        let help = try workspace.run(command, ["--help"])
        #expect(help.code == 0 && help.errors.isEmpty)
        #expect(help.text.contains("USAGE: \(command.rawValue)") && help.text.contains("EXAMPLES"))
        let version = try workspace.run(command, ["--version"])
        #expect(version.code == 0 && version.errors.isEmpty)
        #expect(version.text.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    }

    @Test(arguments: [BuiltCommand.pretrain, .tokenize, .storybook, .replay])
    func argumentsMustBeUTF8(_ command: BuiltCommand) throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        try workspace.write("text.txt", sampleText(bytes: 5000))
        let before = try workspace.snapshot()
        let input =
            switch command {
            case .pretrain: ["--config", "run.yaml"]
            case .replay: ["--run", "run"]
            case .storybook: ["--stories", "1"]
            default: ["text.txt"]
            }
        let arguments = (input + ["--output"]).map { Array($0.utf8) } + [[0x61, 0xFF]]
        let result = try workspace.run(command, bytes: arguments)
        expectError(result, code: 64, ["--output: is not valid UTF-8", "pass UTF-8 text"])
        #expect(try workspace.snapshot() == before)
    }

    @Test func anEmptyVariableIsNone() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        expectSuccess(
            try workspace.run(.pretrain, Self.basic, environment: ["EGG_KERNEL": ""]))
    }

    private static let basic = ["--config", "run.yaml", "--output", "out"]

    private static func flag(
        _ name: String, _ arguments: [String], environment: [String: String] = [:],
        _ fragments: String...
    ) -> BadInput {
        BadInput(
            name: name, command: .pretrain, code: 64, fragments: fragments, environment: environment
        ) { workspace in
            try workspace.prepareRun()
            return arguments
        }
    }

    static let flags: [BadInput] = [
        flag("nothing", [], "--config: is not given", "continue one with --resume DIR"),
        flag(
            "two run directories", ["--resume", "a", "--output", "b"],
            "--resume: names a, and --output names b", "leave out --output"),
        flag(
            "weights of a checkpoint for a run that is continued",
            ["--resume", "a", "--init", "b"],
            "--init: does not go with --resume", "leave it out"),
        flag("no value", ["--config"], "pretrain: ", "--config", "see 'pretrain --help'"),
        flag("a stray word", basic + ["stray"], "pretrain: ", "stray", "see 'pretrain --help'"),
        flag("unknown kernel", basic + ["--kernel", "abacus"], "--kernel: ", "abacus", "portable"),
        flag(
            "unknown kernel in the environment", basic, environment: ["EGG_KERNEL": "abacus"],
            "EGG_KERNEL: ", "abacus", "portable"),
        flag("no threads", basic + ["--threads", "0"], "--threads: 0 is out of range", "1 to"),
        flag("too many threads", basic + ["--threads", "99999"], "--threads: ", "1 to 1024"),
        flag(
            "an empty output", ["--config", "run.yaml", "--output", ""],
            "--output: the path is empty", "name a file or directory"),
        flag(
            "diagnostics every -1 steps", basic + ["--diagnostics=-1"],
            "--diagnostics: -1 is not a number of steps", "use 0 or more"),
        flag("threads by a word", basic + ["--threads", "all"], "pretrain: ", "'all'", "--help"),
    ]

    private static func output(
        _ name: String, _ arguments: [String], _ fragments: String...,
        prepare: @escaping @Sendable (Workspace) throws -> Void
    ) -> BadInput {
        BadInput(name: name, command: .pretrain, code: 1, fragments: fragments) { workspace in
            try workspace.prepareRun()
            try prepare(workspace)
            return ["--config", "run.yaml"] + arguments
        }
    }

    /// Every member fits a config's ranges, and all of them no machine.
    private static let tooLarge = [
        "population.size=200000", "population.groupSize=200000", "population.segmentTokens=1",
        "population.sequencesPerMember=4096", "model.hidden=4096", "model.layers=64",
    ]

    static let outputs: [BadInput] = [
        output(
            "more memory than any machine has",
            ["--output", "out"] + tooLarge.flatMap { ["--set", $0] },
            "model and population: need at least 64", "GB of memory", "use a smaller model"
        ) { _ in },
        output(
            "output below a file", ["--output", "run.yaml/out"], "run.yaml/out", "cannot create",
            "a part of the path is a file"
        ) { _ in },
        output("output is a file", ["--output", "text"], "text", "directory", "path") {
            try $0.write("text", "")
        },
        output(
            "the run is there", ["--output", "run"], "run: already holds a run",
            "--resume or choose another --output"
        ) { try $0.copy(try Fixtures.shared.run, to: "run") },
    ]

    private static let trained = "run/checkpoints/step-00000012/training.safetensors"
    private static let model = "run/checkpoints/step-00000012/model.safetensors"

    /// `--resume` of the finished run after a change.
    private static func resume(
        _ name: String, _ overrides: [String], _ fragments: String...,
        change: @escaping @Sendable (Workspace) throws -> Void = { _ in }
    ) -> BadInput {
        BadInput(name: name, command: .pretrain, code: 1, fragments: fragments) { workspace in
            try workspace.prepareFinishedRun()
            try change(workspace)
            return ["--config", "run.yaml", "--output", "run", "--resume"]
                + overrides.flatMap { ["--set", $0] }
        }
    }

    static let resumes: [BadInput] = [
        resume(
            "resumed with another shape", ["model.hidden=32"], trained, "model.hidden 16",
            "the config says 32", "use the same value, or another --output"),
        resume(
            "resumed with another population", ["population.size=64"], trained,
            "population.size 32", "the config says 64"),
        resume("resumed with another seed", ["run.seed=8"], trained, "run.seed 7", "says 8"),
        resume(
            "resumed with fewer steps", ["run.steps=11"], "run/checkpoints/step-00000012: ",
            "has 12 steps, the config asks for 11", "raise run.steps"),
        resume("resumed with other data", ["data.shards=others"], trained, "other training shards")
        {
            try $0.write("other.txt", sampleText(bytes: 30_000))
            try $0.run(.tokenize, ["other.txt", "--output", "others"])
        },
        resume("no sound checkpoint", [], model, "too few", "no older checkpoint is sound") {
            try $0.write(model, "")
            try $0.write("run/checkpoints/step-00000010/model.safetensors", "")
        },
        resume("checkpoints in another place", [], "run/checkpoints", "link", "may be a link") {
            try $0.copy($0["run/checkpoints"], to: "elsewhere")
            try Files.removeTree($0["run/checkpoints"])
            try $0.link("run/checkpoints", to: "../elsewhere")
        },
        resume("metrics that are a link", [], "run/metrics.jsonl: cannot write: it is a symbolic") {
            try $0.write("elsewhere", "")
            try Files.remove($0["run/metrics.jsonl"])
            try $0.link("run/metrics.jsonl", to: "../elsewhere")
        },
        resume("a journal that is a link", [], "run/journal.egg: cannot write: it is a symbolic") {
            try $0.write("elsewhere", try $0.read("run/journal.egg"))
            try Files.remove($0["run/journal.egg"])
            try $0.link("run/journal.egg", to: "../elsewhere")
        },
        resume("a lock that is a link", [], "run/lock: cannot write: it is a symbolic link") {
            try Files.remove($0["run/lock"])
            try $0.link("run/lock", to: "../elsewhere")
        },
        resume("metrics that are a directory", [], "run/metrics.jsonl: is not a file", "move") {
            try Files.remove($0["run/metrics.jsonl"])
            try Files.createDirectory($0["run/metrics.jsonl"])
        },
        resume("the journal of another run", [], "run/journal.egg", "seed 8, this run has 7") {
            expectSuccess(try $0.train("other", set: ["run.seed=8"]))
            try $0.write("run/journal.egg", try $0.read("other/journal.egg"))
        },
        resume("a journal of other settings", ["data.shards=shards"], "run/journal.egg", "hash") {
            expectSuccess(try $0.train("other", set: ["population.sigmaShift=5"]))
            try $0.write("run/journal.egg", try $0.read("other/journal.egg"))
        },
    ]
}
