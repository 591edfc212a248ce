import Storage
import Testing

/// What `sample` writes around and out of the model's text: prompt, stop texts, turns.
@Suite struct SampledTextTests {
    private let workspace: Workspace

    init() throws {
        workspace = try Workspace()
        try workspace.prepareFinishedRun()
    }

    private func sample(_ flags: [String], input: [UInt8]? = nil) throws -> [UInt8] {
        if let input { try workspace.write("input", input) }
        let result = try workspace.run(
            .sample, ["--checkpoint", "run", "--tokens", "40"] + flags,
            input: input == nil ? "/dev/null" : workspace["input"])
        expectSuccess(result)
        return result.output
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// What NUL bytes separate.
    private func parts(_ raw: [UInt8]) -> [[UInt8]] {
        raw.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
    }

    // MARK: Speed

    /// A file, and whoever reads only the errors, see none.
    @Test func aTerminalSeesTheSpeed() throws {
        for (output, isShown) in [(true, true), (false, false)] {
            let terminal = try TestTerminal(columns: 80)
            let flags = ["--checkpoint", "run", "--tokens", "40", "--count", "3"]
            let run = try workspace.start(
                .sample, flags, output: output ? terminal.path : workspace["text"],
                errors: terminal.path)
            #expect(try run.wait().code == 0)
            let last = terminal.rows(columns: 80).last { !$0.isEmpty } ?? ""
            #expect(last.hasPrefix("[120 bytes, ") == isShown, "\(last)")
            #expect(last.hasSuffix(" bytes/s]") == isShown, "\(last)")
        }
    }

    // MARK: Echo

    @Test(arguments: [[], ["--raw"]]) func thePromptIsWrittenFirst(_ flags: [String]) throws {
        let prompt = ["--prompt", "the old"]
        let text = try sample(flags + prompt)
        let alone = try sample(flags + prompt + ["--no-echo"])
        #expect(text == bytes("the old") + alone)
        #expect(try sample(flags + prompt + ["--echo"]) == text)
        #expect(try sample(flags + ["--prompt", "-"], input: bytes("the old")) == text)
    }

    @Test func thePromptBeginsEachSample() throws {
        let prompt = ["--prompt", "the old", "--count", "2"]
        let text = String(decoding: try sample(prompt), as: UTF8.self)
        #expect(text.hasPrefix("=== sample 1 of 2 ===\nthe old"))
        #expect(text.contains("\n\n=== sample 2 of 2 ===\nthe old"))
        let alone = try sample(prompt + ["--raw", "--no-echo"])
        #expect(
            try sample(prompt + ["--raw"])
                == bytes("the old") + alone.prefix(41) + bytes("the old") + alone.dropFirst(41))
    }

    @Test(arguments: ["-- he said", "--raw", "-x", "--prompt", "- "])
    func aPromptMayBeginAsAFlagDoes(_ prompt: String) throws {
        #expect(try sample(["--prompt", prompt, "--raw"]).starts(with: prompt.utf8))
    }

    // MARK: Stop texts

    @Test func aSampleEndsBeforeItsStopText() throws {
        let flags = ["--raw", "--temperature", "0.3"]
        let whole = try sample(flags)
        let place = try #require(whole.dropFirst(5).firstIndex { (0x20..<0x7F).contains($0) })
        let stop = whole[place]
        let text = String(decoding: [stop], as: UTF8.self)
        let stops = ["--stop", "no such text", "--stop", text]
        let found = try sample(flags + stops)
        #expect(found == Array(whole.prefix { $0 != stop }))
        let two = try sample(flags + stops + ["--count", "2"])
        #expect(two.starts(with: found) && !two.contains(stop))
        let shown = try sample(flags.dropFirst() + stops)
        #expect(!shown.contains(stop))
    }

    @Test func aStopTextMayBeginAsAFlagDoes() throws {
        #expect(try sample(["--raw", "--stop", "--raw"]) == sample(["--raw"]))
    }

    // MARK: Turns

    /// Turn i is sample i of the text so far.
    @Test func eachLineContinuesTheTextSoFar() throws {
        let lines = ["the old", "", "bridge"]
        let flags = ["--raw", "--stop-at-document-end"]
        let turns = parts(
            try sample(["--interactive"] + flags, input: bytes(lines.joined(separator: "\n"))))
        #expect(turns.count == lines.count)
        var text: [UInt8] = []
        for (index, (line, turn)) in zip(lines, turns).enumerated() {
            text += line.utf8
            let samples = try sample(
                flags + ["--prompt", "-", "--count", "\(index + 1)", "--no-echo"], input: text)
            #expect(turn == parts(samples).last)
            text += turn
        }
    }

    @Test func linesSeedAndSettingsDecide() throws {
        let flags = ["--interactive", "--seed", "5"]
        let text = try sample(flags, input: bytes("a\nb\n"))
        #expect(try sample(flags + ["--threads", "3"], input: bytes("a\nb\n")) == text)
        #expect(try sample(["--interactive"], input: bytes("a\nb\n")) != text)
        #expect(try sample(flags, input: []).isEmpty)
    }

    @Test(arguments: [["--prompt", "a"], ["--prompt", "-"], ["--count", "2"]])
    func turnsNeedNoPrompt(_ flags: [String]) throws {
        let result = try workspace.run(.sample, ["--checkpoint", "run", "--interactive"] + flags)
        expectError(result, code: 64, ["\(flags[0]): does not go with --interactive", "leave it"])
    }

    @Test func aStopTextIsNotEmpty() throws {
        let result = try workspace.run(.sample, ["--checkpoint", "run", "--stop", ""])
        expectError(result, code: 64, ["--stop: the text is empty", "at least one character"])
    }
}
