import Storage
import Testing

/// Runs whose config asks for the storybook and finds no shards.
@Suite struct StorybookShardsTests {
    private func workspace(bytes: Int, hasGrammar: Bool = true) throws -> Workspace {
        let workspace = try Workspace()
        let data = "  shards: Data/generated/stories\n  storybookBytes: \(bytes)"
        try workspace.write("run.yaml", tinyConfig)
        try workspace.replace("run.yaml", "  shards: shards", with: data)
        if hasGrammar {
            let package = Paths.parent(Paths.parent(Paths.parent(#filePath)))
            let grammar = Paths.join(package, "Data/storybook.grammar")
            try workspace.write(
                "Data/storybook.grammar", try Files.read(grammar, atMost: 1 << 24))
        }
        return workspace
    }

    @Test func areMadeOnceAndUsedAgain() throws {
        let workspace = try workspace(bytes: 400_000)
        let first = try workspace.train("first")
        #expect(first.code == 0, "\(first.errors)")
        #expect(first.errors == "Data/generated/stories: writing 400000 bytes of stories\n")
        let shards = try workspace.snapshot().filter { $0.key.hasPrefix("Data/") }
        expectSuccess(try workspace.train("second"))
        #expect(try workspace.snapshot().filter { $0.key.hasPrefix("Data/") } == shards)
        #expect(try workspace.model("first") == workspace.model("second"))
        #expect(Files.linkTarget(workspace["first/best"]) != nil)
    }

    @Test func areCompletedAfterACrash() throws {
        let workspace = try workspace(bytes: 400_000)
        try workspace.write("Data/generated/stories/train-00000.tokens.zst.partial", "half")
        #expect(try workspace.train("run").code == 0)
        #expect(
            try workspace.list("Data/generated/stories") == [
                "index.json", "train-00000.tokens.zst", "validation-00000.tokens.zst",
            ])
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
