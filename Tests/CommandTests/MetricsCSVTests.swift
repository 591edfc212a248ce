import Storage
import TestSupport
import Testing

/// `Scripts/metrics-csv`, which needs nothing but Python.
@Suite struct MetricsCSVTests {
    private static let script = PackageFiles.path("Scripts/metrics-csv")

    @Test(.enabled(if: Python.has("csv"), "python3 is not installed"))
    func hasARowForEachStep() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        try workspace.edit("run/metrics.jsonl") { $0[0] = UInt8(ascii: "x") }
        let result = try Python.run([Self.script, "run"], in: workspace)
        #expect(result.code == 0 && result.standardError.contains("line 1 is damaged"))
        let rows = result.text.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        let keys = try #require(rows.first).map(String.init)
        #expect(keys.first == "step" && keys.count == 9)
        let lines = try workspace.lines("run/metrics.jsonl").dropFirst()
        #expect(rows.count == 12)
        for (row, line) in zip(rows.dropFirst(), lines) {
            let logged = try JSONValue(Array(line.utf8))
            #expect(row.map(String.init) == keys.map { logged[$0]?.text ?? "" })
        }
    }
}
