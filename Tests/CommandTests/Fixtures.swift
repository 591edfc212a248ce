import CLibrary
import Storage

/// A text of some 50 kB that looks like sentences and is always the same.
func sampleText(bytes: Int = 50_000) -> String {
    let words = [
        "the", "miller", "saw", "a", "fox", "under", "old", "stone", "bridge", "and", "ran",
    ]
    var state: UInt64 = 42
    var text = ""
    text.reserveCapacity(bytes + 16)
    while text.utf8.count < bytes {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let word = words[Int(state >> 33) % words.count]
        text += (state >> 60 == 0) ? word + ".\n" : word + " "
    }
    return text
}

/// The config of a run that takes some hundredths of a second.
let tinyConfig = """
    data:
      shards: shards
    model:
      hidden: 16
      layers: 1
    population:
      size: 32
      groupSize: 2
      segmentTokens: 8
      sigmaShift: 4
    update:
      rule: threshold
    run:
      steps: 12
      seed: 7
    validation:
      every: 4
      tokens: 512
      streams: 4
    checkpoints:
      every: 5
      keep: 2
    """

/// The same by node perturbation.
let tinyActivationsConfig =
    tinyConfig
    .replacing("data:", with: "method: node-perturbation\ndata:")
    .replacing("  sigmaShift: 4\n", with: "")
    .replacing("rule: threshold", with: "rule: momentum")

/// The same with contexts, whose table takes 128 MiB where all of it is in use.
let tinyContextsConfig =
    tinyActivationsConfig
    .replacing("layers: 1", with: "layers: 1\n  contexts: [2, word]\n  contextRows: 1048576")

/// A step of EGGROLL whose credits of rows take 38 MB.
let tinyCreditsConfig =
    tinyConfig
    .replacing("hidden: 16", with: "hidden: 256\n  mlpWidth: 0")
    .replacing(
        "layers: 1",
        with: "layers: 1\n  contexts: [1, 2, 3, 4, 5, 6, 7, word, word-pair]\n  contextRows: 256"
    )
    .replacing("size: 32", with: "size: 512")
    .replacing("segmentTokens: 8", with: "segmentTokens: 64")
    .replacing("steps: 12", with: "steps: 1")

/// What many tests begin with, made once by the commands themselves.
final class Fixtures: Sendable {
    private let workspace: Workspace
    /// A text of 50 kB.
    let text: String
    /// Three training shards and one of validation.
    let shards: String
    /// A finished run of ``tinyConfig`` on these shards: 12 steps, one thread.
    let run: String

    struct Failed: Error { let result: CommandResult }

    private init() throws {
        workspace = try Workspace()
        text = workspace["text.txt"]
        shards = workspace["shards"]
        run = workspace["run"]
        try workspace.write("text.txt", sampleText())
        try workspace.write("run.yaml", tinyConfig)
        try check(
            workspace.run(
                .tokenize,
                [
                    "text.txt", "--output", "shards", "--validation-fraction", "0.05",
                    "--shard-tokens", "20000", "--frame-tokens", "2048",
                ]))
        try check(
            workspace.run(
                .pretrain, ["--config", "run.yaml", "--output", "run", "--threads", "1"]))
    }

    private func check(_ result: CommandResult) throws {
        guard result.code == 0 else { throw Failed(result: result) }
    }

    private static let made = Result { try Fixtures() }

    /// The fixtures; they are removed when the tests' process ends.
    static var shared: Fixtures {
        get throws {
            _ = removeAtExit
            return try made.get()
        }
    }

    private static let removeAtExit: Void = {
        atexit { try? Files.removeTree(Paths.parent(Fixtures.made.get().workspace.path)) }
    }()
}

extension Workspace {
    /// Writes a config and a link to the shards of the fixtures.
    func prepareRun(config: String = tinyConfig) throws {
        try write("run.yaml", config)
        try link("shards", to: try Fixtures.shared.shards)
    }

    /// The same with a copy of the shards, to be damaged.
    func prepareRunWithOwnShards() throws {
        try write("run.yaml", tinyConfig)
        try copy(try Fixtures.shared.shards, to: "shards")
    }

    /// Also takes a copy of the finished run as `run`.
    func prepareFinishedRun() throws {
        try prepareRun()
        try copy(try Fixtures.shared.run, to: "run")
    }
}
