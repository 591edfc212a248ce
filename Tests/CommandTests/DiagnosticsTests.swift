import Storage
import Testing

/// `pretrain --diagnostics`.
@Suite struct DiagnosticsTests {
    @Test func changesTheLogAndNothingElse() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        let result = try workspace.run(
            .pretrain, workspace.trainingArguments("watched") + ["--diagnostics", "2"])
        #expect(result.code == 0, "\(result.errors)")
        #expect(try workspace.model("watched") == workspace.model("run"))
        #expect("\(result.errors)".contains("votes/noise"))
        let lines = try workspace.lines("watched/metrics.jsonl").map {
            try JSONValue(Array($0.utf8))
        }
        #expect(!lines.isEmpty)
        for (index, line) in lines.enumerated() {
            #expect((line["diagnostics"] != nil) == (index + 1).isMultiple(of: 2))
        }
        guard case .array(let tensors) = lines[1]["diagnostics"]?["tensors"] else {
            Issue.record("no tensors in \(lines[1])")
            return
        }
        #expect(tensors.first?["name"] == .string("emb"))
    }
}
