import Diagnostics
import Storage
import Testing

@testable import Commands

/// The page that `report` makes of runs.
@Suite struct ReportTests {
    private func page(_ workspace: Workspace) throws -> String {
        String(decoding: try workspace.read("report.html"), as: UTF8.self)
    }

    /// The figures that the page's script draws.
    private func figures(_ page: String) throws -> [JSONValue] {
        let start = try #require(page.firstRange(of: #"id="figures">"#)?.upperBound)
        let end = try #require(page[start...].firstRange(of: "</script>")?.lowerBound)
        return try #require(try JSONValue(Array(page[start..<end].utf8)).array)
    }

    private func report(_ workspace: Workspace, _ arguments: [String]) throws -> CommandResult {
        try workspace.run(.report, arguments + ["--output", "report.html"])
    }

    @Test func holdsWhatTheRunLeft() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let trained = try workspace.train("run")
        let before = try workspace.snapshot()
        let result = try report(workspace, ["run"])
        expectSuccess(result)
        let page = try page(workspace)
        #expect(
            result.text == "report.html: 1 run, \(page.utf8.count) bytes; open it in a browser\n")
        #expect(try workspace.snapshot().filter { $0.key != "report.html" } == before)
        let hash = try #require(trained.text.firstMatch(of: /weights ([0-9a-f]{16})\n/)).1
        for fact in [
            "<h1>Training report: run</h1>", "<td>\(hash)</td>", "12 of 12",
            "<td>1 x 16, MLP 64, 11",
            "<td>population.size</td>\n<td>32</td>", "weights after step 12",
        ] {
            #expect(page.contains(fact), "\(fact)")
        }
        let run = try #require(try figures(page).first)
        #expect(run["name"]?.string == "run")
        let lines = try workspace.lines("run/metrics.jsonl").map { try JSONValue(Array($0.utf8)) }
        let training = try #require(run["training"])
        for (key, logged) in [
            ("step", "step"), ("bitsPerByte", "trainBitsPerByte"), ("seconds", "wallSeconds"),
            ("multiplyAccumulates", "multiplyAccumulates"), ("changedFraction", "changedFraction"),
            ("memberTokensPerSecond", "memberTokensPerSecond"),
        ] {
            #expect(training[key]?.array == lines.map { $0[logged] ?? .null }, "\(key)")
        }
        // 16 groups of 2 members read 8 tokens each.
        #expect(training["tokens"]?.array == (1...12).map { .integer(128 * $0) })
        #expect(run["validation"]?["step"]?.array == [4, 8, 12].map { .integer($0) })
        #expect(
            run["validation"]?["bitsPerByte"]?.array
                == lines.compactMap { $0["validationBitsPerByte"] })
    }

    /// A browser that opens the page asks nobody for anything.
    @Test func needsNoNetwork() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        expectSuccess(try report(workspace, ["run"]))
        let page = try page(workspace).replacing("http://www.w3.org/2000/svg", with: "")
        for loading in ["http:", "https:", "src=", "href=", "url(h", "@import", "fetch("] {
            #expect(!page.contains(loading), "\(loading)")
        }
        #expect(page.contains("default-src 'none'"))
    }

    @Test func whereAndOnWhatItWasTrained() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let flags = ["--threads", "1", "--kernel", "portable"]
        expectSuccess(try workspace.train("run", set: ["run.steps=7"], flags: flags))
        expectSuccess(
            try workspace.train(
                "run", flags: ["--resume", "--threads", "2", "--kernel", "portable"]))
        expectSuccess(try workspace.train("run", flags: ["--resume"]))  // nothing is left to do
        let records = try workspace.lines("run/machines.jsonl").map {
            try JSONValue(Array($0.utf8))
        }
        #expect(records.map { $0["step"]?.integer } == [0, 7])
        #expect(records.map { $0["threads"]?.integer } == [1, 2])
        #expect(records.allSatisfy { $0["kernel"]?.string == "portable" })
        try workspace.edit("run/machines.jsonl") { $0 += Array("{\"step\":9".utf8) }
        expectSuccess(try report(workspace, ["run"]))
        let page = try page(workspace)
        #expect(page.contains(#"<td class="number">1</td>"# + "\n<td>portable</td>"))
        #expect(page.contains(#"<td class="number">8</td>"# + "\n<td>portable</td>"))
    }

    /// Names from anywhere are text, in the markup and in the figures.
    @Test func textsAreEscaped() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let shards = "x</script><b>/shards & \"'"
        try workspace.link(shards, to: try Fixtures.shared.shards)
        let name = "<img src=x onerror=alert(1)>"
        #expect(try workspace.train(name, set: ["data.shards=" + shards]).code == 0)
        try workspace.copy(workspace[name], to: "</script><i>")
        expectSuccess(try report(workspace, [name, "</script><i>"]))
        let page = try page(workspace)
        for markup in ["<img", "<b>", "<i>"] {
            #expect(!page.contains(markup), "\(markup)")
        }
        #expect(page.ranges(of: "</script>").count == 2)
        #expect(page.contains("<td>x&lt;/script&gt;&lt;b&gt;/shards &amp; &quot;&#39;</td>"))
        #expect(try figures(page).map { $0["name"]?.string } == [name, "script><i>"])
    }

    @Test func severalRunsAreSideBySide() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        expectSuccess(try workspace.train("other", set: ["run.seed=8"]))
        expectSuccess(try report(workspace, ["run", "other"]))
        let page = try page(workspace)
        #expect(page.contains("<title>Training report: run, other</title>"))
        #expect(try figures(page).map { $0["name"]?.string } == ["run", "other"])
        let marked = page.matches(of: /<tr class="differs"><td>([^<]*)<\/td>/).map(\.1)
        #expect(marked == ["run.seed"])
    }

    @Test(arguments: [
        (["runs/a", "runs/b/"], ["a", "b"]), (["x/run", "y/run"], ["x/run", "y/run"]),
        (["a"], ["a"]),
    ])
    func runsHaveShortNamesWhereTheyDiffer(_ paths: [String], _ names: [String]) {
        #expect(ShortNames.of(paths) == names)
    }

    @Test func samplesAreThoseOfSample() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        expectSuccess(
            try report(workspace, ["run", "--samples", "--tokens", "60", "--prompt", "the <fox>"]))
        let page = try page(workspace)
        for step in ["00000010", "00000012"] {
            let sampled = try workspace.run(
                .sample,
                [
                    "--checkpoint", "run/checkpoints/step-\(step)", "--tokens", "60", "--prompt",
                    "the <fox>",
                ])
            // As on a terminal, control characters are not shown.
            let shown = sampled.text.unicodeScalars.map { scalar in
                let isShown = scalar == "\n" || scalar == "\t" || !scalar.controlsText
                return isShown ? String(scalar) : "\u{FFFD}"
            }.joined()
            let escaped = [
                ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;"),
            ]
            .reduce(shown) { $0.replacing($1.0, with: $1.1) }
            #expect(page.contains("<pre>\n\(escaped)</pre>"))
        }
    }

    // MARK: What is missing or damaged

    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let note: String
        let make: @Sendable (Workspace) throws -> Void
    }

    static let damages: [Damage] = [
        Damage(testDescription: "no metrics", note: "run/metrics.jsonl: cannot open") {
            try Files.remove($0["run/metrics.jsonl"])
        },
        Damage(
            testDescription: "damaged metrics",
            note: "run/metrics.jsonl: 1 line could not be read, the first is line 1"
        ) { try $0.edit("run/metrics.jsonl") { $0[2] ^= 1 } },
        Damage(testDescription: "a damaged journal", note: "run/journal.egg: byte 0") {
            try $0.edit("run/journal.egg") { $0[20] ^= 1 }
        },
        Damage(testDescription: "a damaged model", note: "do not match their checksum") {
            try $0.edit("run/checkpoints/step-00000012/model.safetensors") { $0[$0.count - 9] ^= 1 }
        },
        Damage(testDescription: "no checkpoints", note: "run: there is no checkpoint yet") {
            try Files.removeTree($0["run/checkpoints"])
        },
    ]

    @Test(arguments: damages) func thePageSaysWhatIsMissing(_ damage: Damage) throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        try damage.make(workspace)
        expectSuccess(try report(workspace, ["run", "--samples", "--tokens", "9"]))
        let notes = try page(workspace).matches(of: /<li>([^<]*)<\/li>/).map(\.1)
        #expect(notes.count == 1 && notes[0].contains(damage.note), "\(notes)")
    }

    @Test func refusesWhatItCannotUse() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        try workspace.write("notes/config.yaml", "mine")
        let before = try workspace.snapshot()
        expectError(
            try report(workspace, ["notes"]), code: 1,
            ["notes: is not a run directory", "pretrain has written"])
        expectError(
            try report(workspace, ["nowhere"]), code: 1, ["nowhere: is not a run directory"])
        expectError(
            try workspace.run(.report, ["run", "--output", "run/report.html"]), code: 64,
            ["--output: ", "lies in the run directory"])
        expectError(
            try report(workspace, ["run", "--prompt", "a"]), code: 64,
            ["--prompt: has no use without --samples"])
        expectError(
            try report(workspace, ["run", "--samples", "--tokens", "0"]), code: 64, ["--tokens: "])
        try workspace.replace("run/config.yaml", "hidden: 16", with: "hidden: x")
        expectError(
            try report(workspace, ["run"]), code: 1, ["run/config.yaml:", "'model.hidden'"])
        try workspace.replace("run/config.yaml", "hidden: x", with: "hidden: 16")
        #expect(try workspace.snapshot() == before)
    }
}
