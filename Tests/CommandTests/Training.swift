import Storage
import Testing

extension Workspace {
    /// Runs `pretrain` with `run.yaml` into a directory.
    func train(
        _ output: String, set overrides: [String] = [], flags: [String] = ["--threads", "2"]
    ) throws -> CommandResult {
        try run(.pretrain, trainingArguments(output, set: overrides) + flags)
    }

    func trainingArguments(_ output: String, set overrides: [String] = []) -> [String] {
        ["--config", "run.yaml", "--output", output] + overrides.flatMap { ["--set", $0] }
    }

    /// The model of the newest checkpoint.
    func model(_ output: String) throws -> [UInt8] {
        try read("\(output)/latest/model.safetensors")
    }

    /// The step of each line of the metrics.
    func loggedSteps(_ output: String) throws -> [Int] {
        try lines("\(output)/metrics.jsonl").map { line in
            try #require(try JSONValue(Array(line.utf8))["step"]?.integer)
        }
    }

    /// Names of the checkpoints and of whatever else is beside them.
    func checkpoints(_ output: String) throws -> [String] { try list("\(output)/checkpoints") }
}

/// Expects exit code 0 and nothing on standard error.
func expectSuccess(
    _ result: CommandResult, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(result.code == 0, "\(result.errors)", sourceLocation: sourceLocation)
    #expect(result.errors.isEmpty, "\(result.errors)", sourceLocation: sourceLocation)
}
