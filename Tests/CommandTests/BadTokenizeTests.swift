import Storage
import Testing

/// Inputs and flags that `tokenize` must refuse, leaving nothing behind.
@Suite struct BadTokenizeTests {
    @Test(arguments: flags + inputs + outputs)
    func isRefused(_ input: BadInput) throws { try input.check() }

    private static func flag(
        _ name: String, _ arguments: [String], _ fragments: String...
    ) -> BadInput {
        BadInput(name: name, command: .tokenize, code: 64, fragments: fragments) { workspace in
            try workspace.write("text.txt", "some text")
            return arguments
        }
    }

    private static let basic = ["text.txt", "--output", "out"]

    static let flags: [BadInput] = [
        flag("no input", ["--output", "out"], "tokenize: ", "<input>", "see 'tokenize --help'"),
        flag("no output", ["text.txt"], "tokenize: ", "--output", "see 'tokenize --help'"),
        flag("an empty path", ["", "--output", "out"], "INPUT: a path is empty", "give a path"),
        flag("an empty output", ["text.txt", "--output", ""], "--output: a path is empty", "give"),
        flag(
            "an empty validation path", basic + ["--validation-input", ""],
            "--validation-input: a path is empty", "give"),
        flag("no threads", basic + ["--threads", "0"], "--threads: 0 is out of range", "use 1 to"),
        flag("standard input twice", ["-", "-", "--output", "out"], "INPUT: ", "twice", "once"),
        flag(
            "a fraction of 1", basic + ["--validation-fraction", "1"], "--validation-fraction: ",
            "'1' is not a decimal number between 0 and 1", "0.01"),
        flag(
            "a negative fraction", basic + ["--validation-fraction=-0.1"],
            "--validation-fraction: ",
            "'-0.1'"),
        flag(
            "a word as fraction", basic + ["--validation-fraction", "some"],
            "--validation-fraction: ", "'some'"),
        flag(
            "both kinds of validation",
            basic + ["--validation-fraction", "0.1", "--validation-input", "text.txt"],
            "--validation-fraction: cannot be used together with --validation-input", "one of them"
        ),
        flag(
            "shards of 0", basic + ["--shard-tokens", "0"], "--shard-tokens: 0 is out of", "1 to"),
        flag("frames of -1", basic + ["--frame-tokens=-1"], "--frame-tokens: -1 is out of", "1 to"),
        flag(
            "too many frames", basic + ["--shard-tokens", "100000000", "--frame-tokens", "1"],
            "--frame-tokens: ", "frames", "make frames larger"),
        flag("level 0", basic + ["--level", "0"], "--level: 0 is out of range", "1 to 22"),
        flag("level by a word", basic + ["--level", "best"], "tokenize: ", "'best'", "--help"),
        flag("an unknown encoding", basic + ["--encoding", "latin"], "tokenize: ", "'latin'"),
        flag(
            "shards on standard output", ["text.txt", "--output", "-"], "--output: ",
            "several files", "name a directory"),
        flag("unknown tokenizer", basic + ["--tokenizer", "bpe"], "tokenize: ", "'bpe'", "--help"),
    ]

    private static func input(
        _ name: String, _ arguments: [String], _ fragments: String...,
        prepare: @escaping @Sendable (Workspace) throws -> Void = { _ in }
    ) -> BadInput {
        BadInput(name: name, command: .tokenize, code: 1, fragments: fragments) { workspace in
            try prepare(workspace)
            return arguments + ["--output", "new/out"]
        }
    }

    /// gzip of "hello hello hello hello\n".
    private static let gzip: [UInt8] = [
        0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 2, 3, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x57, 0xC8, 0x40,
        0x27, 0xB9, 0, 0, 0x88, 0x59, 0x0B, 0x18, 0, 0, 0,
    ]

    static let inputs: [BadInput] = [
        input("missing file", ["none.txt"], "none.txt: cannot be found", "check the path"),
        input("missing validation file", ["a.txt", "--validation-input", "none"], "none: ", "path")
        {
            try $0.write("a.txt", "text")
        },
        input("empty file", ["a.txt"], "new/out: nothing to write", "'train'", "hold text") {
            try $0.write("a.txt", "")
        },
        input("only NUL bytes", ["a.txt"], "new/out: nothing to write", "name files") {
            try $0.write("a.txt", [0, 0, 0])
        },
        input("empty directory", ["dir"], "new/out: nothing to write", "name files") {
            try Files.createDirectory($0["dir"])
        },
        input(
            "empty validation", ["a.txt", "--validation-input", "b.txt"], "new/out: ",
            "'validation' hold no text"
        ) {
            try $0.write("a.txt", "text")
            try $0.write("b.txt", "")
        },
        input(
            "a fraction of less than a token", ["a.txt", "--validation-fraction", "0.001"],
            "less than one token", "larger --validation-fraction"
        ) { try $0.write("a.txt", "text") },
        input("truncated gzip", ["a.gz"], "a.gz: its gzip data is cut off", "restore the file") {
            try $0.write("a.gz", Array(gzip.dropLast(9)))
        },
        input("damaged gzip", ["a.gz"], "a.gz: its gzip data is damaged", "restore the file") {
            var bytes = gzip
            bytes[12] ^= 0xFF
            try $0.write("a.gz", bytes)
        },
        input("rest after gzip", ["a.gz"], "a.gz: its gzip data is followed by", "restore") {
            try $0.write("a.gz", gzip + [7])
        },
        input("damaged zstd", ["a.zst"], "a.zst: its zstd data is damaged", "restore the file") {
            var bytes = try Files.read(
                try Fixtures.shared.shards + "/train-00000.tokens.zst", atMost: 1 << 20)
            bytes[200] ^= 0xFF
            try $0.write("a.zst", bytes)
        },
        input("truncated zstd", ["a.zst"], "a.zst: its zstd data is cut off", "restore the file") {
            let bytes = try Files.read(
                try Fixtures.shared.shards + "/train-00000.tokens.zst", atMost: 1 << 20)
            try $0.write("a.zst", Array(bytes.prefix(300)))
        },
        input(
            "a broken link in a directory", ["dir"], "dir: holds no text", "1 broken link", "name"
        ) {
            try $0.link("dir/link", to: "nowhere")
        },
        input(
            "what is skipped, with --strict", ["dir", "--strict"], "dir/.git: is hidden",
            "leave out --strict"
        ) {
            try $0.write("dir/.git/x", "text")
            try $0.write("dir/text", "text")
        },
        input("shards as text", ["shards"], "shards: is a directory of token shards", "the text") {
            try $0.link("shards", to: try Fixtures.shared.shards)
        },
    ]

    private static func output(
        _ name: String, _ output: String, _ fragments: String...,
        prepare: @escaping @Sendable (Workspace) throws -> Void
    ) -> BadInput {
        BadInput(name: name, command: .tokenize, code: 1, fragments: fragments) { workspace in
            try workspace.write("text.txt", "some text")
            try prepare(workspace)
            return ["text.txt", "--output", output]
        }
    }

    static let outputs: [BadInput] = [
        output("output that is not empty", "out", "out: is not empty", "--force") {
            try $0.write("out/file", "mine")
        },
        output("output is a file", "out", "out", "directory", "path") {
            try $0.write("out", "mine")
        },
        output(
            "output below a file", "text.txt/out", "text.txt/out", "cannot create",
            "a part of the path is a file"
        ) { _ in },
        BadInput(
            name: "output is the input", command: .tokenize, code: 64,
            fragments: ["--output: 'dir' is both the output and what INPUT reads", "another"]
        ) { workspace in
            try workspace.write("dir/text.txt", "some text")
            return ["dir", "--output", "dir", "--force"]
        },
    ]
}
