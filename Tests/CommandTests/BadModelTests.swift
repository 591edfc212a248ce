import Storage
import Testing

/// Models, texts and flags that `sample` and `evaluate` must refuse.
@Suite struct BadModelTests {
    @Test(arguments: samplingFlags + evaluationFlags) func flagIsRefused(_ input: BadInput) throws {
        try input.check()
    }

    @Test(arguments: models + texts) func fileIsRefused(_ input: BadInput) throws {
        try input.check()
    }

    @Test func aPromptThatIsNoTextIsRefused() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        let arguments: [[UInt8]] = [
            Array("--checkpoint".utf8), Array("run".utf8), Array("--prompt".utf8),
            [0x61, 0xFF, 0xFE],
        ]
        let result = try workspace.run(.sample, bytes: arguments)
        expectError(result, code: 64, ["--prompt: is not valid UTF-8", "standard input"])
    }

    private static func flag(
        _ command: BuiltCommand, _ arguments: [String], _ fragments: String...
    ) -> BadInput {
        BadInput(
            name: arguments.joined(separator: " "), command: command, code: 64,
            fragments: fragments
        ) { workspace in
            try workspace.prepareFinishedRun()
            try workspace.write("text.txt", "some text")
            return ["--checkpoint", "run"] + arguments
        }
    }

    static let samplingFlags: [BadInput] = [
        flag(.sample, ["--tokens", "0"], "--tokens: 0 is out of range", "use 1 to"),
        flag(.sample, ["--tokens", "many"], "sample: ", "'many'", "--help"),
        flag(.sample, ["--count", "0"], "--count: 0 is out of range", "use 1 to"),
        flag(.sample, ["--count=-2"], "--count: -2 is out of range", "use 1 to"),
        flag(.sample, ["--temperature=-1"], "--temperature: '-1'", "use 0 to 100"),
        flag(.sample, ["--temperature", "hot"], "--temperature: 'hot'", "use 0 to 100"),
        flag(.sample, ["--temperature", "1e1"], "--temperature: '1e1'", "use 0 to 100"),
        flag(.sample, ["--temperature", "100.01"], "--temperature: '100.01'", "use 0 to 100"),
        flag(.sample, ["--temperature", "nan"], "--temperature: 'nan'", "use 0 to 100"),
        flag(.sample, ["--top-k", "0"], "--top-k: 0 is out of range", "use 1 to 256"),
        flag(.sample, ["--top-k", "257"], "--top-k: 257 is out of range", "use 1 to 256"),
        flag(.sample, ["--top-p", "1.5"], "--top-p: '1.5'", "use 0 to 1"),
        flag(.sample, ["--min-p=-0.1"], "--min-p: '-0.1'", "use 0 to 1"),
        flag(
            .sample, ["--repetition-penalty", "15.1"], "--repetition-penalty: '15.1'",
            "use 0 to 15"),
        flag(.sample, ["--seed=-1"], "sample: ", "'-1'", "--help"),
        flag(.sample, ["--threads", "0"], "--threads: 0 is out of range", "use 1 to"),
        flag(.sample, ["--kernel", "abacus"], "--kernel: ", "abacus", "portable"),
    ]

    static let evaluationFlags: [BadInput] = [
        flag(.evaluate, [], "--input: neither it nor --data is given", "name a text or"),
        flag(.evaluate, ["--input", "text.txt", "--data", "shards"], "--input: ", "one of"),
        flag(.evaluate, ["--data", "shards", "--split", "test"], "--split: 'test'", "train"),
        flag(.evaluate, ["--data", "shards", "--streams", "0"], "--streams: 0 is out", "use 1 to"),
        flag(
            .evaluate, ["--input", "text.txt", "--streams", "2"], "--streams: ", "one stream",
            "leave it out or use 1"),
        flag(.evaluate, ["--input", "text.txt", "--split", "train"], "--split: ", "leave it out"),
        flag(
            .evaluate, ["--data", "shards", "--streams", "2", "--per-token", "out"],
            "--per-token: ", "one stream", "leave out --streams"),
        flag(.evaluate, ["--input", "text.txt", "--kernel", "abacus"], "--kernel: ", "portable"),
    ]

    private static let file = "run/latest/model.safetensors"

    /// A path for `--checkpoint` after a change of the finished run.
    private static func model(
        _ name: String, _ checkpoint: String, _ fragments: String...,
        change: @escaping @Sendable (Workspace) throws -> Void
    ) -> [BadInput] {
        [BuiltCommand.sample, .evaluate].map { command in
            BadInput(name: name, command: command, code: 1, fragments: fragments) { workspace in
                try workspace.prepareFinishedRun()
                try workspace.write("text.txt", "some text")
                try change(workspace)
                return ["--checkpoint", checkpoint]
                    + (command == .evaluate ? ["--input", "text.txt"] : [])
            }
        }
    }

    static let models: [BadInput] = [
        model("no model", "none", "none: is not there", "name a run directory") { _ in },
        model("an empty path", "", "'': is not there", "name a run directory") { _ in },
        model("a text as model", "text.txt", "text.txt: ", "; ") { _ in },
        model("another file as model", "run/config.yaml", "run/config.yaml: ", "; ") { _ in },
        model("the training state", "run/latest/training.safetensors", "'emb'", "pretrain") { _ in
        },
        model("a directory without a model", "shards", "shards: holds neither", "name a") { _ in },
        model("a run without checkpoints", "run", "run/latest: leads to no checkpoint", "name one")
        {
            try Files.removeTree($0["run/checkpoints"])
        },
        model("a flipped weight", "run", file, "do not match their checksum", "again") {
            try $0.edit("run/checkpoints/step-00000012/model.safetensors") { $0[$0.count - 9] ^= 1 }
        },
        model("a flipped header", "run", file, "header", "; ") {
            try $0.edit("run/checkpoints/step-00000012/model.safetensors") { $0[100] ^= 1 }
        },
        model("a model cut short", "run", file, "bytes", "again") {
            try $0.edit("run/checkpoints/step-00000012/model.safetensors") { $0.removeLast(5000) }
        },
    ].flatMap { $0 }

    private static func text(
        _ name: String, _ arguments: [String], _ fragments: String...,
        change: @escaping @Sendable (Workspace) throws -> Void = { _ in }
    ) -> BadInput {
        BadInput(name: name, command: .evaluate, code: 1, fragments: fragments) { workspace in
            try workspace.prepareRunWithOwnShards()
            try workspace.copy(try Fixtures.shared.run, to: "run")
            try workspace.write("text.txt", "some text")
            try change(workspace)
            return ["--checkpoint", "run"] + arguments
        }
    }

    static let texts: [BadInput] = [
        text("no text", ["--input", "none"], "none: ", "cannot be found", "check the path"),
        text("an empty text", ["--input", "empty"], "empty: ", "; ") { try $0.write("empty", "") },
        text("a directory without text", ["--input", "none"], "none: ", "holds no text", "name a") {
            try Files.createDirectory($0["none"])
        },
        text("shards as text", ["--input", "shards"], "shards: ", "token shards", "--data"),
        text(
            "no shards", ["--data", "none"], "none: ", "no such directory of token shards",
            "tokenize"),
        text("a text as shards", ["--data", "text.txt"], "text.txt: ", "shards", "tokenize"),
        text(
            "no validation split", ["--data", "other"], "other: has no tokens of the split",
            "--validation-fraction"
        ) {
            try $0.run(.tokenize, ["text.txt", "--output", "other"])
        },
        text(
            "a damaged frame", ["--data", "shards", "--split", "train"],
            "shards/train-00001.tokens.zst: frame 0: ", "again with tokenize"
        ) { try $0.edit("shards/train-00001.tokens.zst") { $0[300] ^= 1 } },
        text(
            "a list below a file", ["--input", "text.txt", "--per-token", "text.txt/list"],
            "text.txt/list", "cannot write", "a part of the path is a file"),
        text(
            "a list in the place of a directory", ["--input", "text.txt", "--per-token", "run"],
            "run: cannot write", "is a directory", "name a file"),
    ]
}
