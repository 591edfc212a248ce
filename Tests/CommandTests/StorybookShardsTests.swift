import Storage
import TestSupport
import Testing

/// Runs whose config asks for the storybook and finds no shards.
@Suite struct StorybookShardsTests {
    private func workspace(bytes: Int, hasGrammar: Bool = true) throws -> Workspace {
        let workspace = try Workspace()
        let data = "  shards: Data/generated/stories\n  storybookBytes: \(bytes)"
        try workspace.write("run.yaml", tinyConfig)
        try workspace.replace("run.yaml", "  shards: shards", with: data)
        if hasGrammar {
            let grammar = "Data/storybook.grammar"
            try workspace.write(
                grammar, try Files.read(PackageFiles.path(grammar), atMost: 1 << 24))
        }
        return workspace
    }

    @Test func areMadeOnceAndUsedAgain() throws {
        let workspace = try workspace(bytes: 400_000)
        expectSuccess(try workspace.train("first"))
        #expect(try workspace.list("Data/generated") == ["stories"])
        let shards = try workspace.snapshot().filter { $0.key.hasPrefix("Data/") }
        expectSuccess(try workspace.train("second"))
        #expect(try workspace.snapshot().filter { $0.key.hasPrefix("Data/") } == shards)
        #expect(try workspace.model("first") == workspace.model("second"))
        #expect(try Files.linkTarget(workspace["first/best"]) != nil)
    }

    @Test func areCompletedAfterACrash() throws {
        let workspace = try workspace(bytes: 400_000)
        try workspace.write("Data/generated/stories/train-00000.tokens.zst.partial", "half")
        try workspace.write("Data/generated/stories.stories/storybook-train.txt", "whole")
        try workspace.write("Data/generated/stories.stories/storybook-valid.txt.partial", "half")
        expectSuccess(try workspace.train("run"))
        #expect(try workspace.list("Data/generated") == ["stories"])
        #expect(
            try workspace.list("Data/generated/stories") == [
                "index.json", "train-00000.tokens.zst", "validation-00000.tokens.zst",
            ])
    }

    /// Each waits for the first of them, and all train on the same shards.
    @Test func areMadeOnceBySeveralAtOnce() throws {
        let workspace = try workspace(bytes: 2_000_000)
        let runs = try (0..<4).map { index in
            try workspace.start(.pretrain, workspace.trainingArguments("run-\(index)"))
        }
        for run in runs { expectSuccess(try run.wait()) }
        #expect(try workspace.list("Data/generated") == ["stories"])
        let models = try runs.indices.map { try workspace.model("run-\($0)") }
        #expect(Set(models).count == 1)
    }

    @Test func areMadeBesideADirectoryWithASlash() throws {
        let workspace = try workspace(bytes: 400_000)
        try workspace.replace("run.yaml", "generated/stories", with: "generated/stories//")
        expectSuccess(try workspace.train("run"))
        #expect(try workspace.list("Data/generated") == ["stories"])
    }

    /// A directory that is misspelt is an error, not a corpus of stories.
    @Test func areNotMadeForTheShardsOfAnOverride() throws {
        let workspace = try workspace(bytes: 400_000)
        let before = try workspace.snapshot()
        let result = try workspace.train("run", set: ["data.shards=Data/mispelt"])
        expectError(
            result, code: 1, ["Data/mispelt", "no such directory of token shards", "tokenize"])
        #expect(try workspace.snapshot() == before)
    }

    @Test(arguments: [
        ("Data/generated/stories.stories/notes.txt", "stories.stories: holds files"),
        ("Data/generated/stories/notes.txt", "stories: is not a directory of token shards"),
        ("Data/generated/stories", "stories: is not a directory of token shards"),
        ("run/config.yaml", "run/config.yaml: is there, and pretrain did not write it"),
        ("run/best", "run/best: is there and is not a link to a checkpoint"),
    ])
    func doNotTouchWhatIsThere(_ file: String, _ finding: String) throws {
        let workspace = try workspace(bytes: 400_000)
        try workspace.write(file, "of the user")
        try expectNothingLeft(workspace, [finding])
    }

    @Test func areNotMadeForARunThatCannotBe() throws {
        let workspace = try workspace(bytes: 400_000)
        let overrides = [
            "population.size=200000", "population.segmentTokens=1",
            "population.sequencesPerMember=4096", "model.hidden=4096", "model.layers=64",
        ]
        let before = try workspace.snapshot()
        expectError(
            try workspace.train("run", set: overrides), code: 1, ["need at least", "GB of memory"])
        #expect(try workspace.snapshot() == before)
    }

    @Test func needTheGrammar() throws {
        let workspace = try workspace(bytes: 400_000, hasGrammar: false)
        try expectNothingLeft(workspace, ["Data/storybook.grammar: ", "no such file", "path"])
    }

    /// A fiftieth must hold a story too.
    @Test func needRoomForStories() throws {
        let workspace = try workspace(bytes: 1000)
        try expectNothingLeft(
            workspace, ["run.yaml:3:19: ", "storybookBytes", "is 1000", "250000"])
    }

    private func expectNothingLeft(_ workspace: Workspace, _ fragments: [String]) throws {
        let before = try workspace.snapshot()
        expectError(try workspace.train("run"), code: 1, fragments)
        #expect(try workspace.snapshot() == before)
    }
}
