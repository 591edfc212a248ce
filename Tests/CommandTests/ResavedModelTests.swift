import Checkpoints
import Storage
import Testing

/// Models that another tool loaded and saved again, without what this toolkit wrote beside the tensors.
@Suite struct ResavedModelTests {
    private let workspace: Workspace

    init() throws {
        workspace = try Workspace()
        try workspace.prepareRun()
        expectSuccess(
            try workspace.train("run", set: ["model.gate=sigmoid", "model.mlp=relu"]))
        try workspace.write("text.txt", sampleText(bytes: 700))
    }

    private func resave(without keys: [String]? = nil) throws {
        var file = try SafetensorsFile.read(workspace["run/latest/model.safetensors"])
        for entry in file.metadata.entries where keys?.contains(entry.key) ?? true {
            file.metadata[entry.key] = nil
        }
        try file.write(to: workspace["resaved.safetensors"])
    }

    private func run(
        _ command: BuiltCommand, _ flags: [String] = [], checkpoint: String = "resaved.safetensors"
    ) throws -> CommandResult {
        let more = command == .evaluate ? ["--input", "text.txt"] : ["--tokens", "20"]
        return try workspace.run(command, ["--checkpoint", checkpoint] + more + flags)
    }

    @Test(arguments: [BuiltCommand.sample, .evaluate])
    func theMissingFunctionsAreAskedFor(_ command: BuiltCommand) throws {
        try resave()
        expectError(
            try run(command), code: 1,
            [
                "resaved.safetensors: metadata: does not say 'gate', 'mlp'",
                "--gate (identity or sigmoid), --mlp (identity or relu)",
            ])
        expectError(
            try run(command, ["--gate", "sigmoid"]), code: 1,
            ["does not say 'mlp'", "give --mlp (identity or relu)"])
        try resave(without: ["format", "gate"])
        expectError(try run(command), code: 1, ["does not say 'gate'", "give --gate"])
    }

    @Test(arguments: [BuiltCommand.sample, .evaluate])
    func withThemItIsTheSameModel(_ command: BuiltCommand) throws {
        /// All but the lines that name the file or the time.
        func text(_ result: CommandResult) -> [Substring] {
            expectSuccess(result)
            return result.text.split(separator: "\n").filter { line in
                !["model ", "time ", "next: "].contains { line.hasPrefix($0) }
            }
        }
        let own = text(try run(command, checkpoint: "run"))
        try resave()
        let flags = ["--gate", "sigmoid", "--mlp", "relu"]
        #expect(text(try run(command, flags)) == own)
        try resave(without: ["format", "gate"])
        #expect(text(try run(command, ["--gate", "sigmoid"])) == own)
        #expect(text(try run(command, flags, checkpoint: "run")) == own)
    }

    @Test(arguments: [BuiltCommand.sample, .evaluate])
    func aFlagDoesNotOverrideTheFile(_ command: BuiltCommand) throws {
        expectError(
            try run(command, ["--mlp", "identity"], checkpoint: "run"), code: 1,
            [
                "model.safetensors: metadata: says that 'mlp' is relu", "--mlp says identity",
                "leave",
            ])
        expectError(
            try run(command, ["--gate", "step"]), code: 64, ["\(command.rawValue): ", "--gate"])
    }
}
