import Storage
import TestSupport
import Testing

/// `Scripts/numpy-model`, which reads a model with other tools and must come to the same bits.
@Suite struct NumPyModelTests {
    private static let script = PackageFiles.path("Scripts/numpy-model")

    private static let hasNumPy = Python.has("numpy", "safetensors")
    private static let hasAll = hasNumPy && Python.has("zstandard")
    private static let missing: Comment = "PyPI's numpy, safetensors or zstandard is not installed"

    /// A text of letters, a document's end and bytes that are no UTF-8.
    private static let text =
        Array("The miller saw a FOX; and".utf8) + [0, 200, 255] + Array("ran.\n".utf8)

    /// Trains a small model, and compares what both make of it.
    private func compare(_ config: String, _ settings: [String]) throws {
        let workspace = try Workspace()
        try workspace.prepareRun(config: config)
        try workspace.write("text", Self.text)
        expectSuccess(try workspace.train("run", set: settings))
        let scored = try Python.run([Self.script, "run", "--score", "text"], in: workspace)
        #expect(scored.code == 0, "\(scored.standardError)")
        let report = try JSONValue(
            workspace.run(.evaluate, ["--checkpoint", "run", "--input", "text", "--json"]).output)
        func number(_ key: String) throws -> String {
            guard case .number(let text) = report[key] else { throw Workspace.NotFound(text: key) }
            return text
        }
        let coarse = try number("bitsPerByte")
        let exact = try number("exactBitsPerByte")
        #expect(
            scored.text
                == "bits/byte        \(coarse) (integer tables of 1/16 bit)\nbits/byte exact  \(exact)\n"
        )
        for flags in [
            ["--seed", "18446744073709551615", "--temperature", "1.37"], ["--temperature", "0"],
        ] {
            let request = ["--tokens", "40", "--prompt", "the fox"] + flags
            let sampled = try Python.run(
                [Self.script, "run/latest/model.safetensors"] + request, in: workspace)
            #expect(sampled.code == 0, "\(sampled.standardError)")
            let expected = try workspace.run(.sample, ["--checkpoint", "run", "--raw"] + request)
            #expect(sampled.output == expected.output && sampled.output.count == 47)
        }
    }

    @Test(
        .enabled(if: Self.hasNumPy, Self.missing),
        arguments: [
            [], ["model.gate=sigmoid", "model.mlp=relu", "model.layers=2", "model.hidden=70"],
        ])
    func comesToTheSameBits(_ settings: [String]) throws {
        try compare(tinyConfig, settings)
    }

    /// Every kind of context, in tables so small that rows collide.
    @Test(.enabled(if: Self.hasAll, Self.missing)) func readsContexts() throws {
        try compare(
            tinyContextsConfig,
            [
                "model.contexts=[1, 2, 3, 7, word, word-pair]", "model.contextRows=1024",
                "model.direct=true", "model.hidden=68", "model.mlpWidth=0",
            ])
    }

    /// A file of this shape was made for another program; without zstandard, contexts are refused.
    @Test(.enabled(if: Self.hasNumPy, Self.missing)) func saysWhatItCannotRead() throws {
        let workspace = try Workspace()
        try workspace.prepareRun(config: tinyContextsConfig)
        expectSuccess(try workspace.train("run", set: ["run.steps=1", "model.contextRows=256"]))
        let hiding =
            "import runpy, sys; sys.modules['zstandard'] = None; "
            + "runpy.run_path(sys.argv.pop(1), run_name='__main__')"
        for (arguments, finding) in [
            (["-c", hiding, Self.script, "run"], "run/latest/model.safetensors: has contexts"),
            ([Self.script, "nowhere"], "nowhere: holds no model"),
            (
                [Self.script, PackageFiles.fixture("fuzz/safetensors/model")],
                "its metadata has format None, not swift-egg"
            ),
            ([Self.script, "run/config.yaml"], "run/config.yaml: cannot be read"),
        ] {
            let result = try Python.run(arguments, in: workspace)
            #expect(result.code == 1 && result.output.isEmpty)
            #expect(result.standardError.hasPrefix("error: "), "\(result.standardError)")
            #expect(result.standardError.contains(finding), "\(result.standardError)")
        }
    }
}
