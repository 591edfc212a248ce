import Storage
import TestSupport
import Testing

private let script = PackageFiles.path("Scripts/container-test")

private let hasPython: Bool = {
    let words = ["/usr/bin/env", "python3", "-c", "pass"].map { Array($0.utf8) }
    return (try? CommandRun(words, in: Workspace()).wait().code) == 0
}()

/// The lines of `Scripts/Containerfile`, which need no container engine to be checked.
@Suite(.enabled(if: hasPython)) struct ContainerTests {
    private func check(_ workspace: Workspace, _ arguments: String...) throws -> CommandResult {
        let words = ["/usr/bin/env", "python3", script, "--check"] + arguments
        return try CommandRun(words.map { Array($0.utf8) }, in: workspace).wait()
    }

    @Test func theLinesCopyAndRunWhatIsThere() throws {
        let result = try check(Workspace())
        expectSuccess(result)
        #expect(result.text.contains("2 scripts are there"))
    }

    /// Each change of the file is a mistake that somebody may make.
    @Test(
        arguments: [
            ("COPY Scripts/setup Scripts/setup\n", "", "Scripts/setup is not copied before"),
            ("COPY Tests Tests\n", "", "does not copy Tests/"),
            (" CITATION.cff", "", "does not copy CITATION.cff"),
            ("COPY Configs ", "COPY Config ", "there is no Config in the package"),
            ("RUN Scripts/release ", "RUN swift build ", "does not run Scripts/release"),
            ("RUN Scripts/setup\n", "RUN Scripts/set-up\n", "Scripts/set-up is not copied before"),
            ("WORKDIR ", "USER ", "USER is not known here"),
        ])
    func aMistakeIsFound(_ line: String, _ other: String, _ message: String) throws {
        let workspace = try Workspace()
        let file = try Files.read(PackageFiles.path("Scripts/Containerfile"), atMost: 1 << 16)
        let text = String(decoding: file, as: UTF8.self)
        #expect(text.contains(line))
        try workspace.write("Containerfile", text.replacing(line, with: other))
        let result = try check(workspace, "--file", "Containerfile")
        #expect(result.code == 1)
        #expect(result.errors.hasPrefix("error: Containerfile") && result.errors.contains(message))
    }
}
